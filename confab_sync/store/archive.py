"""One user's sessions as they are read to be copied elsewhere: by the names that `Store` has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from confab_sync.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confab_sync.store.user_sessions import UserSessions
    from confab_sync.store.values import (
        StoredEvent,
        StoredFile,
        StoredSession,
        StoredSideFile,
    )


class Archive(Protocol):
    """What a copy is made of; every method raises `StoreError`s only."""

    def sessions(self) -> Sequence[StoredSession]:
        """Every session."""

    def files(self, session_id: str) -> Sequence[StoredFile]:
        """The newest generation of each file of a session."""

    def side_files(self, session_id: str) -> Sequence[StoredSideFile]:
        """The side files of a session."""

    def events(self, session_id: str) -> Sequence[StoredEvent]:
        """What happened to a session, in order."""

    def read_file(self, session_id: str, name: str) -> Iterator[bytes]:
        """The bytes of a file, in pieces."""

    def read_after(self, session_id: str, name: str, lines: int) -> Iterator[bytes]:
        """The bytes of a file behind its first `lines`, in pieces."""

    def read_side_file(self, session_id: str, name: str) -> bytes:
        """The content of a side file."""


class UserArchive:
    """The `Archive` of one user of a store."""

    def __init__(self, sessions: UserSessions) -> None:
        self._sessions = sessions

    def sessions(self) -> list[StoredSession]:
        """Every session of the user, the one with the newest message first."""
        return self._sessions.listing()

    def files(self, session_id: str) -> list[StoredFile]:
        """The newest generation of each file."""
        return self._sessions.files(session_id)

    def side_files(self, session_id: str) -> list[StoredSideFile]:
        """The side files by name."""
        return self._sessions.side_files(session_id)

    def events(self, session_id: str) -> list[StoredEvent]:
        """The events in the order in which they came."""
        return self._sessions.events(session_id)

    def read_file(self, session_id: str, name: str) -> Iterator[bytes]:
        """The bytes of a file as they are now."""
        return self.read_after(session_id, name, 0)

    def read_after(self, session_id: str, name: str, lines: int) -> Iterator[bytes]:
        """The bytes of a file as they are now, behind its first `lines`."""
        file = self._sessions.find_file(session_id, name)
        if file is None:
            raise StoreError(f"the session has no file {name!a}")
        start = self._sessions.start_of_line(file, lines + 1)
        while start < file.bytes:
            piece = self._sessions.piece(file, start)
            start += len(piece)
            yield piece

    def read_side_file(self, session_id: str, name: str) -> bytes:
        """The content of a side file."""
        data = self._sessions.read_side_file(session_id, name)
        if data is None:
            raise StoreError(f"the session has no side file {name!a}")
        return data
