"""What the engine asks of the assistant whose sessions it copies.

Claude Code is one; another assistant is a sibling of the room `claude/` with these few
answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIDE = "side"
"""The kind of a file that is archived whole; every other kind grows line by line."""


class Sighting(Protocol):
    """One file of a session as a listing showed it."""

    name: str
    """Under which it is archived."""
    kind: str
    """What it is: a transcript, a subagent's, a journal, or `SIDE`."""
    path: str
    size: int
    mtime_ns: int
    inode: int
    device: int

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What changes when the file changes: device, inode, size in bytes, mtime in ns."""


class Assistant(Protocol):
    """The knowledge of one assistant's files."""

    provider: str

    def files(self, transcript_path: str) -> Sequence[Sighting]:
        """Every file of the session that exists now, the transcript first."""

    def fingerprint(self, sightings: Iterable[Sighting]) -> int:
        """One number that changes whenever one of the files does; 0 for none."""

    def locate(self, transcript_path: str) -> str | None:
        """Where a transcript lies now that was at `transcript_path`; None when nowhere."""

    def is_complete(self, line: bytes) -> bool:
        """Whether a line without its newline is nevertheless whole."""
