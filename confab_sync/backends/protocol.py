"""What every backend can do: the one seam between the engine and where lines go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from confab_sync.store.values import (
        Chunk,
        FilePosition,
        OpenedSession,
        SessionInfo,
        SideFile,
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a backend wants to be written to while a session is busy, in seconds."""

    debounce: float
    """From the first new line to the cycle that sends it."""
    spacing: float
    """Between two cycles, for as many as `burst`."""
    longest_spacing: float
    """Between two cycles when lines keep coming; each time of this length gives one back."""
    burst: int = 20
    """Cycles that may follow each other with the short spacing."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a chunk: the number of lines the file has now, and what is not exact."""

    lines: int
    replaced: int = 0
    """Lines of the chunk that a placeholder stands for."""
    repaired: int = 0
    """Lines of the chunk that were not UTF-8; the bytes that were not are replaced."""


class Backend(Protocol):
    """Where the copies of sessions are kept.

    Every method raises a `BackendError` and nothing else: `BackendUnavailable` for what may
    pass, `BackendRefused` for what will not, `PositionMoved` when a chunk does not follow on
    what is stored, `SessionGone` when the session was deleted there.
    """

    name: str
    """What status calls it."""
    pace: Pace

    @property
    def requests(self) -> int:
        """How often a server was asked for something until now; never where there is none."""

    def takes(self, kind: str, name: str) -> bool:
        """Whether files of this kind, under this name, are kept here."""

    def open_session(self, info: SessionInfo) -> OpenedSession:
        """Find or create the session; its id there, and how far each file is stored.

        Raises `SessionGone` instead of creating one whose `known_id` is not there any more.
        """

    def prepared(self, chunk: Chunk) -> Chunk:
        """What `append` may be given in the place of `chunk`, to have less to do.

        Nothing is sent for it. It may be made in another thread, while `append` works on the
        chunk before it.
        """

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        """Store `chunk` durably. After an error a part of it may be stored."""

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        """Whether the lines of `chunk` are what is stored under their numbers.

        None when that cannot be told, for whatever reason: this alone raises nothing.
        """

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        """Begin a new generation of a file that was rewritten; where it starts.

        Raises `FileDiverged` where there are no generations.
        """

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        """Store a side file whole, in place of what was stored under its name."""

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        """Record that the session ended, with the hook's payload."""

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        """Set the summary of an earlier session; one that is not here is passed over."""

    def close(self) -> None:
        """Let go of connections."""
