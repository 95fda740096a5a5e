"""The log of injected faults, by which a fault counts only once it has fired."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Armed:
    """One fault that was asked for; `times` it is to fire, or as often as there is occasion."""

    kind: str
    times: int | None = 1
    fired: int = 0

    @property
    def is_used_up(self) -> bool:
        """Whether it has fired as often as it was to."""
        return self.times is not None and self.fired >= self.times

    @property
    def is_observed(self) -> bool:
        """Whether it has done what was asked of it."""
        return self.fired >= (self.times or 1)


@dataclass(slots=True)
class FaultLog:
    """Every fault of a scenario, in the order in which they were asked for."""

    faults: list[Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, kind: str, times: int | None = 1) -> Armed:
        """Ask for a fault."""
        armed = Armed(kind, times)
        with self._lock:
            self.faults.append(armed)
        return armed

    def fire(self, armed: Armed) -> bool:
        """Note that a fault fires now; False when another thread has just used it up."""
        with self._lock:
            if armed.is_used_up:
                return False
            armed.fired += 1
            return True

    def add(self, other: FaultLog) -> None:
        """Take over the faults of a scenario that is over."""
        with self._lock:
            self.faults.extend(other.faults)

    def assert_all_fired(self) -> None:
        """A scenario whose fault never fired has proved nothing."""
        idle = [f"{each.kind} ({each.fired} times)" for each in self.faults if not each.is_observed]
        assert not idle, f"these faults were injected and not observed: {', '.join(idle)}"

    def table(self) -> list[str]:
        """Lines that say for each kind how many were injected, observed, and how often."""
        lines = []
        for kind in sorted({each.kind for each in self.faults}):
            mine = [each for each in self.faults if each.kind == kind]
            observed, fired = _observed(mine), sum(each.fired for each in mine)
            equal = "=" if observed == len(mine) else "IS NOT"
            said = f"injected {len(mine)} {equal} observed {observed} (fired {fired}x)"
            lines.append(f"{kind}: {said}")
        whole = f"injected {len(self.faults)}, observed {_observed(self.faults)}"
        return [*lines, f"in all: {whole}"]


def _observed(faults: list[Armed]) -> int:
    return sum(each.is_observed for each in faults)
