"""The rows of files: one for each generation, with how far it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.errors import StoreError
from confab_sync.store.times import from_text, to_text
from confab_sync.store.values import FilePosition, StoredFile

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

MASK = b"[REDACTED:"
"""How the mark begins that stands for a masked secret; marks are counted, never read."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One generation of a file: its row number, its length in bytes and its position.

    `chunks` counts those that came over HTTP, where their number is limited (contract §3.3).
    """

    id: int
    bytes: int
    position: FilePosition
    chunks: int = 0


def find(
    connection: sqlite3.Connection, session: int, name: str, generation: int | None = None
) -> FileRow | None:
    """A generation of a file, by default the newest; `None` when there is none."""
    row = connection.execute(
        "SELECT * FROM files WHERE session_id = ? AND name = ? AND generation = COALESCE(?,"
        " generation) ORDER BY generation DESC LIMIT 1",
        (session, name, generation),
    ).fetchone()
    return None if row is None else FileRow(row["id"], row["bytes"], _position(row), row["chunks"])


def create(
    connection: sqlite3.Connection,
    session: int,
    name: str,
    file_type: str,
    generation: int,
    now: datetime,
) -> FileRow:
    """Begin a generation of a file with nothing in it."""
    cursor = connection.execute(
        "INSERT INTO files (session_id, name, generation, type, masked, updated_at)"
        " VALUES (?, ?, ?, ?, 0, ?)",
        (session, name, generation, file_type, to_text(now)),
    )
    assert cursor.lastrowid is not None  # noqa: S101 - an INSERT that worked has one
    return FileRow(cursor.lastrowid, 0, FilePosition(0, 0, False, generation, file_type))


def restart(connection: sqlite3.Connection, session: int, name: str, now: datetime) -> FilePosition:
    """Begin a new generation of a known file; one with nothing in it yet is used again.

    Raises `StoreError` when the session has no such file.
    """
    newest = find(connection, session, name)
    if newest is None:
        raise StoreError(f"the session has no file {name!a} that could begin again")
    if newest.bytes == 0:
        return newest.position
    old = newest.position
    return create(connection, session, name, old.file_type, old.generation + 1, now).position


def advance(
    connection: sqlite3.Connection,
    file: FileRow,
    position: FilePosition,
    data: bytes,
    now: datetime,
) -> None:
    """Note that `data` was added to the file, which now ends at `position`."""
    connection.execute(
        "UPDATE files SET lines = ?, bytes = ?, source_bytes = ?, open_end = ?,"
        " masked = masked + ?, updated_at = ? WHERE id = ?",
        (
            position.lines,
            file.bytes + len(data),
            position.source_bytes,
            position.open_end,
            data.count(MASK),
            to_text(now),
            file.id,
        ),
    )


def rebase(connection: sqlite3.Connection, session: int) -> None:
    """Note that the client's files are now what is stored, byte for byte."""
    connection.execute(
        "UPDATE files SET source_bytes = bytes WHERE id IN"
        " (SELECT id FROM newest_files WHERE session_id = ?)",
        (session,),
    )


def count_chunk(connection: sqlite3.Connection, file: FileRow) -> None:
    """Note that one more chunk of the file came over HTTP."""
    connection.execute("UPDATE files SET chunks = chunks + 1 WHERE id = ?", (file.id,))


def positions(connection: sqlite3.Connection, session: int) -> dict[str, FilePosition]:
    """How far the newest generation of each file of a session is stored, by name."""
    rows = connection.execute("SELECT * FROM newest_files WHERE session_id = ?", (session,))
    return {row["name"]: _position(row) for row in rows}


def listing(connection: sqlite3.Connection, session: int) -> list[StoredFile]:
    """The files of a session: types in descending order, names ascending (contract §2.9)."""
    rows = connection.execute(
        "SELECT * FROM newest_files WHERE session_id = ? ORDER BY type DESC, name", (session,)
    )
    return [
        StoredFile(
            row["name"],
            row["type"],
            row["lines"],
            row["bytes"],
            row["generation"],
            from_text(row["updated_at"]),
        )
        for row in rows
    ]


def _position(row: sqlite3.Row) -> FilePosition:
    return FilePosition(
        row["lines"], row["source_bytes"], bool(row["open_end"]), row["generation"], row["type"]
    )
