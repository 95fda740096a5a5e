"""What the engine asks of the assistant whose sessions it copies.

Claude Code is one; another assistant is a sibling of the room `claude/` with these few
answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from confab_sync.metadata import ChunkMetadata

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
    trouble: OSError | None
    """Why nothing but its name is known of it; None as a rule."""

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What changes when the file changes: device, inode, size in bytes, mtime in ns."""


class Assistant(Protocol):
    """The knowledge of one assistant's files."""

    provider: str

    def files(self, transcript_path: str) -> Sequence[Sighting]:
        """Every file of the session that exists now, the transcript first.

        With them what may be there and cannot be looked at, which has a `trouble`.
        """

    def fingerprint(self, sightings: Iterable[Sighting]) -> int:
        """One number that changes whenever one of the files does; 0 for none."""

    def locate(self, transcript_path: str) -> str | None:
        """Where a transcript lies now that was at `transcript_path`; None when nowhere."""

    def working_directory(self, transcript_path: str) -> str:
        """The first directory that the transcript says the session worked in; may be empty."""

    def metadata(self, kind: str, lines: bytes) -> ChunkMetadata:
        """What lines of a file of this kind say about their session.

        Of git only the branch, as `{"branch": …}`: the rest is not in the lines.
        """

    def earlier_summaries(
        self, transcript_path: str, kind: str, lines: bytes
    ) -> Sequence[tuple[str, str]]:
        """Summaries in these lines that belong to earlier sessions: (external id, summary)."""

    def is_complete(self, line: bytes) -> bool:
        """Whether a line without its newline is nevertheless whole."""
