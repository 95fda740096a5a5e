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
    """Between two cycles at first; it doubles while lines keep coming."""
    longest_spacing: float


class Backend(Protocol):
    """Where the copies of sessions are kept.

    Every method raises a `BackendError` and nothing else: `BackendUnavailable` for what may
    pass, `BackendRefused` for what will not, `PositionMoved` when a chunk does not follow on
    what is stored, `SessionGone` when the session was deleted there.
    """

    name: str
    """What status calls it."""
    pace: Pace
    takes_side_files: bool

    def open_session(self, info: SessionInfo) -> OpenedSession:
        """Find or create the session; its id there, and how far each file is stored."""

    def append(self, session_id: str, chunk: Chunk) -> int:
        """Store `chunk` durably; the number of lines the file has now."""

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        """Begin a new generation of a file that was rewritten; where it starts."""

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        """Store a side file whole, in place of what was stored under its name."""

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        """Record that the session ended, with the hook's payload."""

    def close(self) -> None:
        """Let go of connections."""
