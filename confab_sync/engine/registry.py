"""The registry: every session seen on this machine, and how far its files are acknowledged.

It outlives daemons and their state files, so that nothing unsent is ever forgotten.
Positions are written here right after the backend has acknowledged them; where the two
disagree after a crash, the backend is believed (design, "What is left").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.engine.known import (
    SEEN,
    Acknowledged,
    Event,
    KnownFile,
    KnownSession,
    OwedEnd,
)
from confab_sync.engine.registry_file import RegistryFile
from confab_sync.engine.registry_rows import (
    known_file,
    known_session,
    put_event,
    put_file,
    put_span,
    session_row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class Registry(RegistryFile):
    """What is known of the sessions. All methods raise `RegistryError`."""

    def see(self, provider: str, external_id: str, transcript_path: str, cwd: str) -> None:
        """Note that the session exists; it counts as unfinished until it is settled.

        An empty `cwd` keeps what is known.
        """
        now = self._now()
        with self._write() as connection:
            known = connection.execute(
                "SELECT 1 FROM sessions WHERE provider = ? AND external_id = ?",
                (provider, external_id),
            ).fetchone()
            if known is None:
                put_event(connection, Event(0, now, provider, external_id, SEEN, cwd))
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
            number = session_row(connection, provider, external_id)
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
            number = session_row(connection, provider, external_id)
            row = put_file(connection, number, file)
            if span is not None:
                put_span(connection, row, span)

    def count_masked(self, provider: str, external_id: str, counts: Mapping[str, int]) -> None:
        """Add to how many secrets of each type were masked in the session."""
        with self._write() as connection:
            number = session_row(connection, provider, external_id)
            connection.executemany(
                "INSERT INTO masked VALUES (?, ?, ?) ON CONFLICT (session, type)"
                " DO UPDATE SET count = count + excluded.count",
                [(number, kind, count) for kind, count in counts.items()],
            )

    def masked(self, provider: str, external_id: str) -> dict[str, int]:
        """How many secrets of each type were masked in the session."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT type, count FROM masked JOIN sessions ON sessions.id = masked.session"
                " WHERE provider = ? AND external_id = ? ORDER BY type",
                (provider, external_id),
            ).fetchall()
        return {row["type"]: row["count"] for row in rows}

    def settle(self, provider: str, external_id: str, *, finished: bool, error: str = "") -> None:
        """Note whether everything of the session is acknowledged, and what last went wrong."""
        with self._write() as connection:
            connection.execute(
                "UPDATE sessions SET finished = ?, last_error = ?, last_seen = ?"
                " WHERE provider = ? AND external_id = ?",
                (finished, error, self._now(), provider, external_id),
            )

    def forget(self, provider: str, external_id: str) -> None:
        """Remove everything that is known of the session; nothing happens when that is nothing."""
        with self._write() as connection:
            for table in ("sessions", "events"):
                connection.execute(
                    f"DELETE FROM {table} WHERE provider = ? AND external_id = ?",  # noqa: S608
                    (provider, external_id),
                )
        self._give_back()

    def forget_files(self, provider: str, external_id: str) -> None:
        """Drop what is known of the session's files, which are others from now on."""
        with self._write() as connection:
            connection.execute(
                "DELETE FROM files WHERE session IN"
                " (SELECT id FROM sessions WHERE provider = ? AND external_id = ?)",
                (provider, external_id),
            )

    def owe_end(self, provider: str, external_id: str, end: OwedEnd, *, told: bool = False) -> None:
        """Note an end that the backend is to be told of, or has been; a told one stays told.

        A session that was never seen has nothing to end, and nothing is noted.
        """
        with self._write() as connection:
            connection.execute(
                "INSERT INTO ends SELECT id, ?, ?, ? FROM sessions"
                " WHERE provider = ? AND external_id = ?"
                " ON CONFLICT (session, timestamp) DO UPDATE SET told = max(told, excluded.told)",
                (end.timestamp, end.payload, told, provider, external_id),
            )

    def ends(self, provider: str, external_id: str, *, told: bool = False) -> list[OwedEnd]:
        """The ends of a session that the backend was not told of yet, or was; oldest first."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT timestamp, payload FROM ends JOIN sessions ON sessions.id = ends.session"
                " WHERE provider = ? AND external_id = ? AND told = ? ORDER BY timestamp",
                (provider, external_id, told),
            ).fetchall()
        return [OwedEnd(row["timestamp"], row["payload"]) for row in rows]

    def owing(self) -> frozenset[tuple[str, str]]:
        """The sessions, by provider and id, of whose end the backend was not told yet."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT provider, external_id FROM ends"
                " JOIN sessions ON sessions.id = ends.session WHERE NOT told"
            ).fetchall()
        return frozenset((row["provider"], row["external_id"]) for row in rows)

    def record(self, provider: str, external_id: str, event: str, detail: str = "") -> None:
        """Append a lifecycle event; the oldest give way."""
        with self._write() as connection:
            put_event(connection, Event(0, self._now(), provider, external_id, event, detail))

    def files(self, provider: str, external_id: str) -> dict[str, KnownFile]:
        """What is known of the session's files, by name."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT files.* FROM files JOIN sessions ON sessions.id = files.session"
                " WHERE provider = ? AND external_id = ?",
                (provider, external_id),
            ).fetchall()
        return {row["name"]: known_file(row) for row in rows}

    def transcripts(self, provider: str) -> dict[str, KnownFile]:
        """What is known of each session's transcript, by the session's id."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT external_id, files.* FROM files"
                " JOIN sessions ON sessions.id = files.session"
                " WHERE provider = ? AND name = external_id || '.jsonl'",
                (provider,),
            ).fetchall()
        return {row["external_id"]: known_file(row) for row in rows}

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

    def events(self, limit: int = 100, *, after: int = 0) -> list[Event]:
        """The newest events, at most `limit` of those after number `after`, oldest first."""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT id, at, provider, external_id, event, detail FROM events"
                " WHERE id > ? ORDER BY id DESC LIMIT ?",
                (after, limit),
            ).fetchall()
        return [Event(*row) for row in reversed(rows)]

    def _sessions(self, where: str, *arguments: str) -> list[KnownSession]:
        with self._read() as connection:
            rows = connection.execute(
                f"SELECT * FROM sessions {where} ORDER BY last_seen DESC",  # noqa: S608
                arguments,
            ).fetchall()
        return [known_session(row) for row in rows]
