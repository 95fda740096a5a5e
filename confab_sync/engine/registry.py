"""The registry: every session seen on this machine, and how far its files are acknowledged.

It outlives daemons and their state files, so that nothing unsent is ever forgotten.
Positions are written here right after the backend has acknowledged them; where the two
disagree after a crash, the backend is believed (design, "What is left").
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.engine.position import NO_EVIDENCE, START, Evidence, Position
from confab_sync.engine.registry_schema import MIGRATIONS
from confab_sync.errors import RegistryError, StoreError
from confab_sync.store.database import Database, DatabaseOptions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from datetime import datetime

EVENTS_KEPT = 10_000
"""Rows of the event table; older ones are dropped."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the registry knows of one file.

    `size` (bytes) and `mtime_ns` are those of the file when it was last synced; `note` says
    what is remarkable about it, in words for the user.
    """

    name: str
    kind: str
    position: Position = START
    evidence: Evidence = NO_EVIDENCE
    size: int = 0
    mtime_ns: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A span of a file that the backend has, bytes `start` to `stop`, and its digest."""

    start: int
    stop: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class KnownSession:
    """What the registry knows of one session."""

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


class Registry:
    """The registry in the SQLite file at `path`. All methods raise `RegistryError`."""

    def __init__(self, path: str, *, clock: Callable[[], datetime], create: bool = True) -> None:
        self._clock = clock
        with _translated():
            self._database = Database(
                path, create=create, options=DatabaseOptions(timeout=10.0, migrations=MIGRATIONS)
            )

    def close(self) -> None:
        """Close the file."""
        with _translated():
            self._database.close()

    def see(self, provider: str, external_id: str, transcript_path: str, cwd: str) -> None:
        """Note that the session exists; it counts as unfinished until it is settled.

        An empty `cwd` keeps what is known.
        """
        now = self._now()
        with self._write() as connection:
            connection.execute(
                """
                INSERT INTO sessions
                    (provider, external_id, transcript_path, cwd, first_seen, last_seen)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (provider, external_id) DO UPDATE SET
                    transcript_path = excluded.transcript_path,
                    cwd = CASE excluded.cwd WHEN '' THEN cwd ELSE excluded.cwd END,
                    last_seen = excluded.last_seen, finished = 0
                """,
                (provider, external_id, transcript_path, cwd, now, now),
            )

    def opened(self, provider: str, external_id: str, backend: str, session_id: str) -> None:
        """Note where the session is kept. Positions of another backend's copy are dropped."""
        with self._write() as connection:
            number = _session(connection, provider, external_id)
            changed = connection.execute(
                "UPDATE sessions SET backend = ?, backend_session_id = ? WHERE id = ?"
                " AND (backend, backend_session_id) != (?, ?)",
                (backend, session_id, number, backend, session_id),
            ).rowcount
            if changed:
                connection.execute("DELETE FROM files WHERE session = ?", (number,))

    def acknowledge(
        self, provider: str, external_id: str, file: KnownFile, span: Acknowledged | None = None
    ) -> None:
        """Write a file's new position, with the span that was just acknowledged.

        A span that starts at byte 0 begins the file's history anew.
        """
        with self._write() as connection:
            number = _session(connection, provider, external_id)
            row = connection.execute(
                _PUT_FILE,
                (
                    number,
                    file.name,
                    file.kind,
                    file.position.lines,
                    file.position.offset,
                    file.position.open_end,
                    file.evidence.head_length,
                    file.evidence.head,
                    file.evidence.tail_length,
                    file.evidence.tail,
                    file.size,
                    file.mtime_ns,
                    file.note,
                ),
            ).fetchone()
            if span is None:
                return
            connection.execute(
                "DELETE FROM acknowledged WHERE file = ? AND start >= ?", (row["id"], span.start)
            )
            connection.execute(
                "INSERT INTO acknowledged VALUES (?, ?, ?, ?)",
                (row["id"], span.start, span.stop, span.digest),
            )

    def settle(self, provider: str, external_id: str, *, finished: bool, error: str = "") -> None:
        """Note whether everything of the session is acknowledged, and what last went wrong."""
        with self._write() as connection:
            connection.execute(
                "UPDATE sessions SET finished = ?, last_error = ?, last_seen = ?"
                " WHERE provider = ? AND external_id = ?",
                (finished, error, self._now(), provider, external_id),
            )

    def record(self, provider: str, external_id: str, event: str, detail: str = "") -> None:
        """Append a lifecycle event; the oldest give way."""
        with self._write() as connection:
            cursor = connection.execute(
                "INSERT INTO events (at, provider, external_id, event, detail)"
                " VALUES (?, ?, ?, ?, ?)",
                (self._now(), provider, external_id, event, detail),
            )
            connection.execute(
                "DELETE FROM events WHERE id <= ?", ((cursor.lastrowid or 0) - EVENTS_KEPT,)
            )

    def files(self, provider: str, external_id: str) -> dict[str, KnownFile]:
        """What is known of the session's files, by name."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT files.* FROM files JOIN sessions ON sessions.id = files.session"
                " WHERE provider = ? AND external_id = ?",
                (provider, external_id),
            ).fetchall()
        return {row["name"]: _known_file(row) for row in rows}

    def spans(self, provider: str, external_id: str, name: str) -> list[Acknowledged]:
        """The acknowledged spans of a file, from its first byte on."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT start, stop, digest FROM acknowledged"
                " JOIN files ON files.id = acknowledged.file"
                " JOIN sessions ON sessions.id = files.session"
                " WHERE provider = ? AND external_id = ? AND name = ? ORDER BY start",
                (provider, external_id, name),
            ).fetchall()
        return [Acknowledged(row["start"], row["stop"], row["digest"]) for row in rows]

    def session(self, provider: str, external_id: str) -> KnownSession | None:
        """One session; None when it was never seen."""
        found = self._sessions("WHERE provider = ? AND external_id = ?", provider, external_id)
        return found[0] if found else None

    def sessions(self, *, unfinished_only: bool = False) -> list[KnownSession]:
        """The sessions, most recently seen first."""
        return self._sessions("WHERE NOT finished" if unfinished_only else "")

    def events(self, limit: int = 100) -> list[tuple[str, str, str, str, str]]:
        """The newest events, oldest of them first: (at, provider, external id, event, detail)."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT at, provider, external_id, event, detail FROM events"
                " ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [tuple(row) for row in reversed(rows)]

    def _sessions(self, where: str, *arguments: str) -> list[KnownSession]:
        with self._read() as connection:
            rows = connection.execute(
                f"SELECT * FROM sessions {where} ORDER BY last_seen DESC",  # noqa: S608
                arguments,
            ).fetchall()
        return [_known_session(row) for row in rows]

    def _now(self) -> str:
        return self._clock().isoformat().replace("+00:00", "Z")

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with _translated(), self._database.write() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with _translated(), self._database.read() as connection:
            yield connection


_PUT_FILE = """
INSERT INTO files (session, name, kind, lines, offset, open_end, head_length, head,
                   tail_length, tail, size, mtime_ns, note)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (session, name) DO UPDATE SET
    kind = excluded.kind, lines = excluded.lines, offset = excluded.offset,
    open_end = excluded.open_end, head_length = excluded.head_length, head = excluded.head,
    tail_length = excluded.tail_length, tail = excluded.tail, size = excluded.size,
    mtime_ns = excluded.mtime_ns, note = excluded.note
RETURNING id
"""


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise RegistryError(str(error).replace("the store", "the registry", 1)) from error


def _session(connection: sqlite3.Connection, provider: str, external_id: str) -> int:
    row = connection.execute(
        "SELECT id FROM sessions WHERE provider = ? AND external_id = ?", (provider, external_id)
    ).fetchone()
    if row is None:
        raise RegistryError(f"the registry has no session {external_id}")
    return int(row["id"])


def _known_file(row: sqlite3.Row) -> KnownFile:
    return KnownFile(
        name=row["name"],
        kind=row["kind"],
        position=Position(row["lines"], row["offset"], bool(row["open_end"])),
        evidence=Evidence(row["head_length"], row["head"], row["tail_length"], row["tail"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        note=row["note"],
    )


def _known_session(row: sqlite3.Row) -> KnownSession:
    return KnownSession(
        provider=row["provider"],
        external_id=row["external_id"],
        transcript_path=row["transcript_path"],
        cwd=row["cwd"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        backend=row["backend"],
        backend_session_id=row["backend_session_id"],
        finished=bool(row["finished"]),
        last_error=row["last_error"],
    )
