"""The embedded store: the one door to everything in it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from confab_sync.errors import StoreError
from confab_sync.store import (
    appending,
    events,
    files,
    listing,
    lookup,
    prune,
    reading,
    sessions,
    side_files,
)
from confab_sync.store.backup import backup
from confab_sync.store.check import check
from confab_sync.store.codec import NotAsWritten
from confab_sync.store.database import Database, DatabaseOptions
from confab_sync.store.failures import damaged
from confab_sync.store.schema import OWNER
from confab_sync.store.values import OpenedSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from types import TracebackType

    from confab_sync.store import values
    from confab_sync.store.accounts import Accounts
    from confab_sync.store.files import FileRow
    from confab_sync.store.user_sessions import UserSessions


def _random_id() -> str:
    return str(uuid.uuid4())


class Store:
    """The sessions of this machine's user, the owner, in an SQLite database that many share.

    What is stored for others, when `confab serve` has users, is behind `sessions_of`. Every
    method that writes has committed durably when it returns. Any method may raise
    `StoreUnavailable` (try again later) or `StoreDamaged`; those that take a session's public id
    raise `UnknownSession` when the session was deleted or never opened. One thread at a time.
    """

    def __init__(
        self, database: Database, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    @classmethod
    def open(
        cls,
        path: str,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str] = _random_id,
        create: bool = True,
        options: DatabaseOptions | None = None,
    ) -> Store:
        """Open the database file `path`, bringing an older one up to date.

        With `create` it and its directory are made when missing, for the user alone; without,
        a missing one is `StoreUnavailable`. `clock` tells the time with its zone. Raises
        `StoreTooNew` when a newer confab wrote it.
        """
        database = Database(path, create=create, options=options or DatabaseOptions())
        return cls(database, clock, new_id)

    def close(self) -> None:
        """Close the store; doing it twice is the same as once."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def accounts(self) -> Accounts:
        """The users of this store, and how they prove who they are."""
        # Not before there is a server: a daemon has no use for them.
        from confab_sync.store.accounts import Accounts

        return Accounts(self._database, self._clock)

    def sessions_of(self, user: int) -> UserSessions:
        """The sessions of one user, as the HTTP API serves them."""
        from confab_sync.store.user_sessions import UserSessions

        return UserSessions(self._database, self._clock, self._new_id, user)

    def open_session(self, info: values.SessionInfo) -> OpenedSession:
        """Find the session of this provider and external id, or create it (contract §3.1).

        Raises `DeletedSession` when the one that the caller knows was deleted. One that this
        store has never had was in another, which lay here before.
        """
        with self._database.write() as connection:
            if info.known_id:
                sessions.refuse_deleted(connection, info.known_id)
            row, session_id = sessions.find_or_create(
                connection, info, self._clock(), self._new_id()
            )
            return OpenedSession(session_id, info.provider, files.positions(connection, row))

    def append(self, session_id: str, chunk: values.Chunk) -> int:
        """Store the next bytes of a file; the file's number of lines now.

        Raises `NotContiguous` when they do not follow on the stored ones (contract §3.3), and
        `StoreError` for an unclean name or a chunk whose numbers contradict its bytes.
        """
        with self._database.write() as connection:
            try:
                return appending.append(connection, session_id, chunk, self._clock())
            except NotAsWritten as error:
                what = f"the end of {chunk.file_name!a} {error}"
                raise damaged(self._database.path, what) from error

    def restart_file(self, session_id: str, file_name: str) -> values.FilePosition:
        """Begin a new generation of a file at its first line; the old one stays readable.

        Doing it again before anything was appended changes nothing. Raises `StoreError` when
        the session has no such file.
        """
        with self._database.write() as connection:
            session = sessions.row_of(connection, session_id)
            return files.restart(connection, session, file_name, self._clock())

    def rebase(self, session_id: str) -> None:
        """Note that the client has its files from here now, masked as they are stored."""
        with self._database.write() as connection:
            files.rebase(connection, sessions.row_of(connection, session_id))

    def put_side_file(self, session_id: str, side_file: values.SideFile) -> bool:
        """Keep a side file whole, in place of its former content; False if that is the same.

        Raises `StoreError` for an unclean name.
        """
        with self._database.read() as connection:
            if side_files.is_stored(connection, session_id, side_file):
                return False
        with self._database.write() as connection:
            return side_files.put(connection, session_id, side_file, self._clock())

    def add_event(
        self, session_id: str, event_type: str, timestamp: datetime, payload: object | None
    ) -> None:
        """Note an event of a session; a repeated one is noted again (contract §3.5)."""
        with self._database.write() as connection:
            session = sessions.row_of(connection, session_id)
            events.add(connection, session, event_type, timestamp, payload, self._clock())

    def events(self, session_id: str) -> list[values.StoredEvent]:
        """The events of a session, in the order in which they came."""
        with self._database.read() as connection:
            return events.listing(connection, sessions.row_of(connection, session_id))

    def set_summary(self, provider: str, external_id: str, summary: str) -> None:
        """Give a session a summary (contract §2.7); one that is not here is passed over."""
        with self._database.write() as connection:
            session = sessions.find(connection, provider, external_id)
            if session is not None:
                sessions.set_summary(connection, session, summary)

    def sessions(self) -> list[values.StoredSession]:
        """Every session of the owner, the one with the newest message first."""
        with self._database.read() as connection:
            return listing.listing(connection)

    def find_session(self, prefix: str) -> values.StoredSession:
        """The session whose external or public id starts with `prefix`.

        Raises `SessionNotFound` when there is none and `AmbiguousSession` when there are several.
        """
        return lookup.find(self.sessions(), prefix)

    def files(self, session_id: str) -> list[values.StoredFile]:
        """The newest generation of each file: types descending, names ascending (§2.9)."""
        with self._database.read() as connection:
            return files.listing(connection, sessions.row_of(connection, session_id))

    def side_files(self, session_id: str) -> list[values.StoredSideFile]:
        """The side files by name."""
        with self._database.read() as connection:
            return side_files.listing(connection, sessions.row_of(connection, session_id))

    def version(self) -> int:
        """A number that is another one once anybody else has changed the store."""
        with self._database.read() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def extents(self) -> list[values.FileExtent]:
        """How much there is of each file of each session, those of other users included."""
        with self._database.read() as connection:
            return listing.extents(connection)

    def read_file(
        self, session_id: str, name: str, generation: int | None = None, *, start: int = 0
    ) -> Iterator[bytes]:
        """The bytes of a file as they are now from the byte `start` on, in pieces of up to 1 MiB.

        `generation` counts from 1; `None` is the newest. Raises `StoreError` at once when there
        is no such file.
        """
        file = self._file(session_id, name, generation)
        return reading.stream(self._database, file, start)

    def read_extent(self, extent: values.FileExtent, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file of any user from the byte `start` on; as `read_file`."""
        file = self._file(extent.session_id, extent.name, extent.generation, extent.user)
        return reading.stream(self._database, file, start)

    def read_after(self, session_id: str, name: str, lines: int) -> Iterator[bytes]:
        """The bytes of a file as they are now behind its first `lines`; as `read_file`."""
        file = self._file(session_id, name, None)
        start = reading.start_of_line(self._database, file, lines + 1)
        return reading.stream(self._database, file, start)

    def _file(
        self, session_id: str, name: str, generation: int | None, user: int = OWNER
    ) -> FileRow:
        with self._database.read() as connection:
            session = sessions.row_of(connection, session_id, user)
            file = files.find(connection, session, name, generation)
        if file is None:
            which = "" if generation is None else f" with a generation {generation}"
            raise StoreError(f"the session has no file {name!a}{which}")
        return file

    def read_side_file(self, session_id: str, name: str) -> bytes:
        """The content of a side file; raises `StoreError` when there is none."""
        with self._database.read() as connection:
            session = sessions.row_of(connection, session_id)
            try:
                return side_files.read(connection, session, name)
            except NotAsWritten as error:
                what = f"side file {name!a} {error}"
                raise damaged(self._database.path, what) from error

    def delete_session(self, session_id: str) -> None:
        """Remove a session and all that belongs to it; opening it again gives a new id (§3.6)."""
        with self._database.write() as connection:
            sessions.delete(connection, session_id)
        prune.give_back(self._database)

    def check(self) -> list[values.Problem]:
        """What is not as it was written, anywhere in the store; empty when all is well."""
        return check(self._database)

    def prune(
        self, older_than: datetime, *, dry_run: bool = False, at_most: int | None = None
    ) -> values.Pruned:
        """Remove the sessions that nothing has reached since `older_than`, or only list them.

        Those of all users; the oldest first, and `at_most` so many.
        """
        return prune.prune(self._database, older_than, dry_run=dry_run, at_most=at_most)

    def backup(self, path: str) -> int:
        """Write a consistent copy to `path` while others may write; its size in bytes.

        Raises `StoreError` when `path` exists.
        """
        return backup(self._database, path)

    def size(self) -> values.StoreSize:
        """How much the store takes on disk and how much it holds."""
        return prune.size(self._database)
