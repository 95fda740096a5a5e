"""The registry's values as the rows of its tables hold them, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.engine.known import Acknowledged, KnownFile, KnownSession
from confab_sync.engine.position import Evidence, Position
from confab_sync.errors import RegistryError

if TYPE_CHECKING:
    import sqlite3

    from confab_sync.engine.known import Event

EVENTS_KEPT = 10_000
"""Rows of the event table; older ones are dropped."""

_PUT_FILE = """
INSERT INTO files (session, name, kind, lines, offset, open_end, head_length, head,
                   tail_length, tail, size, mtime_ns, note, replaced, repaired)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (session, name) DO UPDATE SET
    kind = excluded.kind, lines = excluded.lines, offset = excluded.offset,
    open_end = excluded.open_end, head_length = excluded.head_length, head = excluded.head,
    tail_length = excluded.tail_length, tail = excluded.tail, size = excluded.size,
    mtime_ns = excluded.mtime_ns, note = excluded.note, replaced = excluded.replaced,
    repaired = excluded.repaired
RETURNING id
"""


def session_row(connection: sqlite3.Connection, provider: str, external_id: str) -> int:
    """The row number of a session. Raises `RegistryError` when it was never seen."""
    row = connection.execute(
        "SELECT id FROM sessions WHERE provider = ? AND external_id = ?", (provider, external_id)
    ).fetchone()
    if row is None:
        raise RegistryError(f"the registry has no session {external_id}")
    return int(row["id"])


def put_file(connection: sqlite3.Connection, session: int, file: KnownFile) -> int:
    """Write what is known of a file in place of what was; its row number."""
    position, evidence = file.position, file.evidence
    row = connection.execute(
        _PUT_FILE,
        (
            session,
            file.name,
            file.kind,
            position.lines,
            position.offset,
            position.open_end,
            evidence.head_length,
            evidence.head,
            evidence.tail_length,
            evidence.tail,
            file.size,
            file.mtime_ns,
            file.note,
            file.replaced,
            file.repaired,
        ),
    ).fetchone()
    return int(row["id"])


def put_span(connection: sqlite3.Connection, file: int, span: Acknowledged) -> None:
    """Add a span to a file's; those that began at its start or later give way."""
    connection.execute("DELETE FROM acknowledged WHERE file = ? AND start >= ?", (file, span.start))
    connection.execute(
        "INSERT INTO acknowledged VALUES (?, ?, ?, ?)", (file, span.start, span.stop, span.digest)
    )


def put_event(connection: sqlite3.Connection, event: Event) -> None:
    """Append an event, which gets the next number; the oldest give way."""
    cursor = connection.execute(
        "INSERT INTO events (at, provider, external_id, event, detail) VALUES (?, ?, ?, ?, ?)",
        (event.at, event.provider, event.external_id, event.event, event.detail),
    )
    connection.execute("DELETE FROM events WHERE id <= ?", ((cursor.lastrowid or 0) - EVENTS_KEPT,))


def known_file(row: sqlite3.Row) -> KnownFile:
    """A row of `files`."""
    return KnownFile(
        name=row["name"],
        kind=row["kind"],
        position=Position(row["lines"], row["offset"], bool(row["open_end"])),
        evidence=Evidence(row["head_length"], row["head"], row["tail_length"], row["tail"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        note=row["note"],
        replaced=row["replaced"],
        repaired=row["repaired"],
    )


def known_session(row: sqlite3.Row) -> KnownSession:
    """A row of `sessions`."""
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
