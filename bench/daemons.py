"""The daemons in a home: what they tell of themselves, and waiting until they tell it."""

from __future__ import annotations

import fcntl
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.missing import Unmeasurable
from integration.session import process_exists

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60.0
"""Seconds after which a daemon that does not come, or does not go, is given up."""

WAITING = frozenset({"waiting", "resting"})
"""The phases of a daemon that waits for lines."""

LEAVING = frozenset({"stopping"})
"""The phase of a daemon that waits for quiet after its session ended."""


@dataclass(frozen=True, slots=True)
class Daemons:
    """Those of the sessions in one home directory."""

    home: Path

    def wait_until_told(self, session: str, lines: int) -> None:
        """Wait until the daemon says that it has so many lines: its cycle is over then."""
        self.wait(lambda: self.state(session).get("lines") == lines, "a daemon did not report")

    def wait_until_counted(self, session: str, what: str, before: int) -> int:
        """Wait until a daemon tells of more work of this kind than `before`; how much more."""
        self.wait(
            lambda: self.state(session).get("work", {}).get(what, 0) > before,
            "a daemon did not tell of its work",
        )
        return int(self.state(session)["work"][what]) - before

    def daemon(self, session: str) -> int:
        """The pid of a session's daemon (contract §4.2). Raises `Unmeasurable`."""
        pid = self.state(session).get("pid")
        if not isinstance(pid, int) or not process_exists(pid):
            raise Unmeasurable("a session has no daemon")
        return pid

    def wait_until_settled(self, session: str, phases: frozenset[str]) -> None:
        """Wait until the daemon of `session` is in one of `phases`, or gone."""
        self.wait(
            lambda: self._phase(session) in phases or not self.is_held(session),
            "a daemon did not settle",
        )

    def wait_until_gone(self, session: str) -> None:
        """Wait until no daemon holds the lock of `session`."""
        self.wait(lambda: not self.is_held(session), "a daemon did not leave")

    def wait(
        self, come_true: Callable[[], bool], complaint: str, patience: float = PATIENCE
    ) -> None:
        """Look until something is true. Raises `Unmeasurable` after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not come_true():
            if time.monotonic() > deadline:
                raise Unmeasurable(f"{complaint} within {patience:g} s")
            time.sleep(0.02)

    def _phase(self, session: str) -> str:
        return str(self.state(session).get("phase", ""))

    def state(self, session: str) -> dict[str, Any]:
        """What the daemon of a session tells of itself; nothing where there is none."""
        try:
            state = json.loads(self.state_file(session).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def state_file(self, session: str) -> Path:
        """Where it tells it."""
        return self.presence / f"{session}.json"

    def is_held(self, session: str) -> bool:
        """Whether a session has a daemon."""
        try:
            with (self.presence / f"{session}.lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def presence(self) -> Path:
        """Where they keep their locks and states."""
        return self.home / ".confab/sync/claude-code"
