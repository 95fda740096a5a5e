"""Comparing the sessions of the soak with what `confab session download` brings back."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from integration.soak.life import Life


@dataclass(slots=True)
class Difference:
    """What the copy of one session has too little of, or too much; all zero when it is exact."""

    lost: int = 0
    """Lines, and whole side files, that are on disk and not in the copy."""
    doubled: int = 0
    """Lines that are in the copy more often than on disk."""
    repaired: int = 0
    """Lines that are not UTF-8 and were mended on the way to a server, as the design says."""
    other: list[str] = field(default_factory=list)
    """Files that differ in another way."""

    @property
    def is_exact(self) -> bool:
        """Whether the copy is the session."""
        return not (self.lost or self.doubled or self.other)

    def add(self, name: str, local: bytes | None, copied: bytes | None, *, is_sent: bool) -> None:
        """Compare one file; None where there is none. `is_sent` says that it went over HTTP."""
        if is_sent and local and name.endswith(".jsonl"):
            mended = b"\n".join(map(_mended, local.split(b"\n")))
            self.repaired += (_lines(mended) - _lines(local)).total()
            local = mended
        if local == copied:
            return
        if local is None or not name.endswith(".jsonl"):
            self.lost += copied is None
            self.other += [] if copied is None else [name]
            return
        here, there = _lines(local), _lines(copied or b"")
        lost, doubled = (here - there).total(), (there - here).total()
        self.lost += lost
        self.doubled += doubled
        if not lost and not doubled:
            self.other.append(f"{name} (another order or another end)")


def _mended(line: bytes) -> bytes:
    return line.decode("utf-8", "replace").encode()


def _lines(data: bytes) -> Counter[bytes]:
    return Counter(data.removesuffix(b"\n").split(b"\n"))


def compared(life: Life, target: Path, *, is_sent: bool) -> Difference:
    """Download the session to `target` and compare all files."""
    session = life.session
    local = _files(session.transcript.parent, session.id)
    difference = Difference()
    try:
        session.home.confab("session", "download", session.id, "--output-dir", str(target))
    except AssertionError as error:
        if local:
            difference.other.append(f"not to be had: {error}")
    except subprocess.TimeoutExpired:
        difference.other.append("not to be had: the download did not end")
    copied = _files(target, session.id)
    for name in sorted({*local, *copied}):
        difference.add(name, local.get(name), copied.get(name), is_sent=is_sent)
    return difference


def _files(directory: Path, prefix: str) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.glob(f"{prefix}*/**/*")
        if path.is_file()
    } | {path.name: path.read_bytes() for path in directory.glob(f"{prefix}.jsonl")}
