"""How long lines take from being written to being acknowledged."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.rig import Rig

LOOK = 0.01
"""Seconds between two looks at the states of daemons."""


def line(number: int) -> bytes:
    """A line as short as a person's answer."""
    row = {"type": "user", "uuid": f"{number:032x}", "message": {"content": "yes, go on " * 20}}
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


@dataclass(slots=True)
class Watched:
    """One session: when its lines were written, and when the daemon said that it had them."""

    rig: Rig
    session: str
    lines: int
    """Lines that were there before."""
    written: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    """Seconds in which the same line was appended elsewhere, with fsync."""
    said: list[tuple[int, float]] = field(default_factory=list)
    _seen: int = 0

    def write(self, scratch: Path) -> None:
        """Append one line to the transcript, and for comparison to a file in `scratch`."""
        data = line(self.lines + len(self.written))
        self.raw.append(appended(scratch / "raw.jsonl", data))
        self.written.append(self.rig.append(self.session, data))

    def look(self) -> None:
        """See whether the daemon has said something new; the file's own time counts."""
        path = self.rig.state_file(self.session)
        try:
            moment = os.stat(path).st_mtime_ns
            if moment == self._seen:
                return
            lines = int(json.loads(path.read_bytes()).get("lines", 0))
        except (OSError, ValueError):
            return
        self._seen = moment
        if not self.said or self.said[-1][0] != lines:
            self.said.append((lines, moment / 1e9))

    @property
    def is_done(self) -> bool:
        """Whether all that was written is acknowledged."""
        return bool(self.said) and self.said[-1][0] >= self.lines + len(self.written)

    def pairs(self) -> list[tuple[float, float]]:
        """For each line that is acknowledged the seconds until then, and those of `raw`."""
        found = []
        for number, (written, raw) in enumerate(zip(self.written, self.raw, strict=True), 1):
            then = [moment for lines, moment in self.said if lines >= self.lines + number]
            if then:
                # A file system's clock ticks more slowly than the one the line was written by.
                found.append((max(0.001, then[0] - written), raw))
        return found


def until(moment: float, watched: Sequence[Watched]) -> None:
    """Watch until the clock shows `moment`."""
    while (left := moment - time.time()) > 0:
        look(watched)
        time.sleep(min(LOOK, left))


def look(watched: Sequence[Watched]) -> None:
    """See what all of them say; a server says it with all moments, at the end."""
    for each in watched:
        if each.rig.server is None:
            each.look()


def finish(watched: Sequence[Watched], patience: float) -> None:
    """Watch until everything is acknowledged, or `patience` (seconds) is over."""
    deadline = time.time() + patience
    while time.time() < deadline:
        for each in watched:
            if each.rig.server is not None:
                each.said = [(n, t) for n, t in each.rig.server.counts().of(each.session)]
        look(watched)
        if all(each.is_done for each in watched):
            return
        time.sleep(LOOK if watched[0].rig.server is None else 0.2)


def appended(path: Path, data: bytes) -> float:
    """Append to a file and have the disk confirm it; the seconds that it took."""
    began = time.perf_counter()
    with path.open("ab", buffering=0) as file:
        file.write(data)
        os.fsync(file.fileno())
    return time.perf_counter() - began
