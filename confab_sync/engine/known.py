"""What is remembered of a session and its files from one daemon to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.engine.position import NO_EVIDENCE, START, Evidence, Position

if TYPE_CHECKING:
    from confab_sync.engine.assistant import Sighting


UNFINISHED_LINE = "ends in an unfinished line"
NOT_TAKEN = "not archived: this backend takes no such files"
REFUSED = "refused by the backend: "
"""Followed by what it said."""

REWRITTEN = "rewritten locally; earlier generations are kept"
DIVERGED = "diverged: rewritten here or continued elsewhere, and the backend keeps what it had"
LASTING = (REWRITTEN, DIVERGED)
"""The notes that stay true; all others are about a passing state."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What is known of one file.

    `size` (bytes) and `mtime_ns` are those of the file when it was last looked into; `note`
    says what is remarkable about it, in words for the user; `replaced` lines have a placeholder
    at the backend, and `repaired` ones were not UTF-8.
    """

    name: str
    kind: str
    position: Position = START
    evidence: Evidence = NO_EVIDENCE
    size: int = 0
    mtime_ns: int = 0
    note: str = ""
    replaced: int = 0
    repaired: int = 0

    @property
    def lasting_note(self) -> str:
        """What of the note stays true."""
        return "; ".join(note for note in LASTING if note in self.note)

    @property
    def has_diverged(self) -> bool:
        """Whether the backend has the beginning of another file, and nothing more is sent."""
        return DIVERGED in self.note

    @property
    def exceptions(self) -> str:
        """In which way the copy is not exact, in words for the user; empty when it is."""
        said = []
        if self.replaced:
            said.append(f"placeholders stand for {self.replaced} lines that cannot be sent")
        if self.repaired:
            said.append(f"{self.repaired} lines were not UTF-8 and are mended in the copy")
        return "; ".join(said)

    def is_all_of(self, sighting: Sighting) -> bool:
        """Whether the file is as it was when the last of its bytes was acknowledged."""
        return (
            self.position.offset == self.size == sighting.size
            and self.mtime_ns == sighting.mtime_ns
        )


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A span of a file that the backend has, bytes `start` to `stop`, and its digest."""

    start: int
    stop: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class KnownSession:
    """What is known of one session; the moments are RFC 3339 in UTC."""

    provider: str
    external_id: str
    transcript_path: str
    cwd: str
    first_seen: str
    last_seen: str
    backend: str
    backend_session_id: str
    finished: bool
    last_error: str


@dataclass(frozen=True, slots=True)
class OwedEnd:
    """The end of a session that the backend is to be told of.

    `timestamp` is that of the hook's record, RFC 3339; `payload` the masked JSON of what the
    hook was handed.
    """

    timestamp: str
    payload: str


SEEN = "seen"
"""The event of a session that was not known before; the others are its daemon's."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a session; `number` grows, `at` is RFC 3339 in UTC."""

    number: int
    at: str
    provider: str
    external_id: str
    event: str
    detail: str
