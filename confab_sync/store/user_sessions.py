"""One user's sessions as the HTTP API serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import UnknownSession
from confab_sync.store import (
    appending,
    chunks,
    events,
    files,
    links,
    listing,
    machines,
    prune,
    reading,
    selection,
    sessions,
    side_files,
)
from confab_sync.store.codec import NotAsWritten
from confab_sync.store.failures import damaged
from confab_sync.store.values import OpenedSession
from confab_sync.wire import SESSION_END

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from confab_sync.store import values
    from confab_sync.store.chunks import Row
    from confab_sync.store.database import Database
    from confab_sync.store.files import FileRow
    from confab_sync.store.links import Link, NewLink
    from confab_sync.store.machines import Machine
    from confab_sync.store.selected import Choices, Order, Selection, Shown, Wanted


class UserSessions:
    """What one user may see and change; made by `Store.sessions_of`.

    Everything that takes a session's public id raises `UnknownSession` when there is none, and
    `ForeignSession` when it is another user's. The rest is as `Store` says.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        user: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._user = user

    def open(self, info: values.SessionInfo, live: object | None = None) -> OpenedSession:
        """Find the user's session of this provider and external id, or create it (§3.1).

        `live`, here and below, is what the session's daemon says of itself; `None` says nothing.
        """
        with self._database.write() as connection:
            row, session_id = sessions.find_or_create(
                connection, info, self._clock(), self._new_id(), self._user
            )
            self._note(connection, row, live)
            return OpenedSession(session_id, info.provider, files.positions(connection, row))

    def append(
        self,
        session_id: str,
        lines: values.Lines,
        found: Iterable[NewLink] = (),
        live: object | None = None,
    ) -> int:
        """Store the next lines of a file and the links found in them; its number of lines now.

        Raises `NotContiguous`, `TooManyChunks`, and `StoreError` for an unclean name.
        """
        with self._database.write() as connection:
            now = self._clock()
            try:
                number = appending.append_lines(connection, session_id, lines, now, self._user)
            except NotAsWritten as error:
                what = f"the end of {lines.file_name!a} {error}"
                raise damaged(self._database.path, what) from error
            session = sessions.row_of(connection, session_id, self._user)
            for link in found:
                links.put(connection, session, link, now)
            self._note(connection, session, live)
            return number

    def add_event(
        self,
        session_id: str,
        event_type: str,
        timestamp: datetime,
        payload: object | None,
        live: object | None = None,
    ) -> None:
        """Note an event; a repeated one is noted again (contract §3.5)."""
        with self._database.write() as connection:
            session = sessions.row_of(connection, session_id, self._user)
            events.add(connection, session, event_type, timestamp, payload, self._clock())
            self._note(connection, session, live)

    def events(self, session_id: str) -> list[values.StoredEvent]:
        """The events of a session, in the order in which they came."""
        with self._database.read() as connection:
            return events.listing(connection, sessions.row_of(connection, session_id, self._user))

    def set_summary(self, external_id: str, summary: str) -> None:
        """Give the user's sessions with this external id, of all providers, a summary (§2.7)."""
        with self._database.write() as connection:
            for session in sessions.rows_of_external(connection, external_id, self._user):
                sessions.set_summary(connection, session, summary)

    def put_link(self, session_id: str, link: NewLink) -> Link:
        """Keep a link, in place of the one to the same thing (contract §2.8)."""
        with self._database.write() as connection:
            session = sessions.row_of(connection, session_id, self._user)
            return links.put(connection, session, link, self._clock())

    def links(self, session_id: str) -> list[Link]:
        """The links of a session, the newest first."""
        with self._database.read() as connection:
            return links.listing(connection, sessions.row_of(connection, session_id, self._user))

    def all_links(self) -> dict[str, list[Link]]:
        """The links of all sessions that have some, by the session's public id."""
        with self._database.read() as connection:
            return links.of_user(connection, self._user)

    def put_side_file(self, session_id: str, side_file: values.SideFile) -> bool:
        """Keep a side file whole; False if it was stored before. Raises `StoreError`."""
        with self._database.read() as connection:
            if side_files.is_stored(connection, session_id, side_file, self._user):
                return False
        with self._database.write() as connection:
            return side_files.put(connection, session_id, side_file, self._clock(), self._user)

    def side_files(self, session_id: str) -> list[values.StoredSideFile]:
        """The side files of a session by name."""
        with self._database.read() as connection:
            row = sessions.row_of(connection, session_id, self._user)
            return side_files.listing(connection, row)

    def read_side_file(self, session_id: str, name: str) -> bytes | None:
        """The content of a side file; `None` when there is none."""
        with self._database.read() as connection:
            row = sessions.row_of(connection, session_id, self._user)
            if all(each.name != name for each in side_files.listing(connection, row)):
                return None
            try:
                return side_files.read(connection, row, name)
            except NotAsWritten as error:
                what = f"side file {name!a} {error}"
                raise damaged(self._database.path, what) from error

    def listing(self) -> list[values.StoredSession]:
        """Every session of the user, the one with the newest message first."""
        with self._database.read() as connection:
            return listing.listing(connection, self._user)

    def latest_by_machine(
        self, within: timedelta, limit: int
    ) -> list[tuple[Machine, list[values.StoredSession]]]:
        """Each machine with its last picture: the sessions that something arrived of shortly
        before it was heard of last, `limit` at most; the machine that was heard last first.
        """
        with self._database.snapshot() as connection:
            return [
                (
                    each,
                    machines.latest(
                        connection, self._user, each, each.last_sync_at - within, limit
                    ),
                )
                for each in machines.machines(connection, self._user)
            ]

    def ends(self, session_ids: Iterable[str]) -> dict[str, datetime]:
        """When the ends of these sessions were last heard of, by public id."""
        with self._database.read() as connection:
            return machines.ends(connection, self._user, SESSION_END, session_ids)

    def select(
        self,
        wanted: Wanted,
        *,
        order: Order = "moment",
        descending: bool = True,
        limit: int = 100,
        offset: int = 0,
    ) -> Selection:
        """A page of the sessions that are wanted, as `selection.select` says."""
        with self._database.read() as connection:
            return selection.select(
                connection,
                self._user,
                wanted,
                self._clock(),
                order=order,
                descending=descending,
                limit=limit,
                offset=offset,
            )

    def shown(self, session_ids: Sequence[str]) -> tuple[Shown, ...]:
        """Those of these sessions that the user has, in this order, as lists show them."""
        with self._database.read() as connection:
            return selection.in_order(connection, self._user, session_ids, self._clock())

    def ids(self, wanted: Wanted) -> list[str]:
        """The public ids of all sessions that are wanted."""
        with self._database.read() as connection:
            return selection.ids(connection, self._user, wanted, self._clock())

    def beginning_with(self, prefix: str) -> list[str]:
        """The public ids of up to 20 sessions of which an id begins with `prefix`."""
        with self._database.read() as connection:
            return selection.beginning_with(connection, self._user, prefix)

    def choices(self) -> Choices:
        """The projects, branches, machines and users that there are."""
        with self._database.read() as connection:
            return selection.choices(connection, self._user)

    def find(self, session_id: str) -> values.StoredSession:
        """One session."""
        with self._database.read() as connection:
            row = sessions.row_of(connection, session_id, self._user)
            return listing.find(connection, row)

    def provider(self, session_id: str) -> str:
        """The provider of one session."""
        with self._database.read() as connection:
            row = sessions.row_of(connection, session_id, self._user)
            return sessions.provider_of(connection, row)

    def find_external(self, external_id: str) -> str:
        """The public id of a session with this external id; raises `UnknownSession`."""
        for session in self.listing():
            if session.external_id == external_id:
                return session.session_id
        raise UnknownSession("the user has no session of this external id")

    def files(self, session_id: str) -> list[values.StoredFile]:
        """The newest generation of each file: types descending, names ascending (§2.9)."""
        with self._database.read() as connection:
            return files.listing(connection, sessions.row_of(connection, session_id, self._user))

    def find_file(self, session_id: str, name: str) -> FileRow | None:
        """A file as it is now, to be read piece by piece; `None` when there is none."""
        with self._database.read() as connection:
            session = sessions.row_of(connection, session_id, self._user)
            return files.find(connection, session, name)

    def whole(self, session_id: str, name: str) -> Iterator[bytes]:
        """All pieces of a file as it is now; nothing when there is none."""
        file = self.find_file(session_id, name)
        return iter(()) if file is None else reading.stream(self._database, file)

    def rows(self, file: FileRow) -> list[Row]:
        """Which lines end in which bytes of a file."""
        with self._database.read() as connection:
            return chunks.rows(connection, file.id)

    def piece(self, file: FileRow, position: int) -> bytes:
        """The next bytes of a file, at most 1 MiB; raises `StoreError` if it was deleted."""
        return reading.piece(self._database, file, position)

    def start_of_line(self, file: FileRow, line: int) -> int:
        """The byte at which a line (1-based) of a file begins."""
        return reading.start_of_line(self._database, file, line)

    def delete(self, session_id: str) -> None:
        """Remove a session and all that belongs to it (contract §3.6)."""
        with self._database.write() as connection:
            sessions.delete(connection, session_id, self._user)
        prune.give_back(self._database)

    def _note(self, connection: sqlite3.Connection, session: int, live: object | None) -> None:
        if live is not None:
            sessions.set_live(connection, session, live, self._clock())
