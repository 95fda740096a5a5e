"""Removes sessions and gives the space they took back to the disk."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from confab_sync.errors import StoreUnavailable
from confab_sync.store.times import to_text
from confab_sync.store.values import Pruned, StoreSize

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from confab_sync.store.database import Database

_PAGES_AT_ONCE = 2048


def prune(
    database: Database, older_than: datetime, *, dry_run: bool, at_most: int | None = None
) -> Pruned:
    """Remove the sessions that nothing has reached since `older_than`, the oldest first.

    Each goes in a transaction of its own, so that daemons wait only briefly. With `dry_run`
    nothing changes; `at_most` so many go at once. Raises `StoreUnavailable`.
    """
    limit = to_text(older_than)
    with database.read() as connection:
        rows = connection.execute(
            "SELECT id, uuid FROM sessions WHERE last_sync_at < ?"
            " ORDER BY last_sync_at, id LIMIT ?",
            (limit, -1 if at_most is None else at_most),
        ).fetchall()
    removed: list[str] = []
    freed = 0
    for row in rows:
        with database.read() if dry_run else database.write() as connection:
            size = _compressed_bytes(connection, row["id"])
            if not dry_run and not _remove(connection, row["id"], limit):
                continue  # it came to life meanwhile
        removed.append(row["uuid"])
        freed += size
    if removed and not dry_run:
        give_back(database)
    return Pruned(tuple(removed), freed)


def _remove(connection: sqlite3.Connection, session: int, limit: str) -> bool:
    cursor = connection.execute(
        "DELETE FROM sessions WHERE id = ? AND last_sync_at < ?", (session, limit)
    )
    return cursor.rowcount == 1


def _compressed_bytes(connection: sqlite3.Connection, session: int) -> int:
    row = connection.execute(
        "SELECT (SELECT COALESCE(SUM(LENGTH(data)), 0) FROM chunks JOIN files"
        " ON files.id = file_id WHERE session_id = :session)"
        " + (SELECT COALESCE(SUM(LENGTH(data)), 0) FROM side_files WHERE session_id = :session)",
        {"session": session},
    ).fetchone()
    return int(row[0])


def give_back(database: Database) -> None:
    """Shrink the database file by the pages that nothing uses, a few at a time.

    A busy store keeps them: they are used again, or given back the next time.
    """
    before = None
    with suppress(StoreUnavailable):
        while True:
            with database.write() as connection:
                free = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
                if free in (0, before):
                    break
                connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
            before = free
        database.checkpoint()


def size(database: Database) -> StoreSize:
    """How much the store takes on disk and how much it holds, all generations included."""
    with database.read() as connection:
        row = connection.execute(
            "SELECT (SELECT COUNT(*) FROM sessions) AS sessions,"
            " (SELECT COUNT(*) FROM newest_files) AS files,"
            " (SELECT COUNT(*) FROM side_files) AS side_files,"
            " (SELECT COALESCE(SUM(bytes), 0) FROM files)"
            " + (SELECT COALESCE(SUM(size), 0) FROM side_files) AS raw"
        ).fetchone()
    return StoreSize(
        database.disk_bytes(), row["raw"], row["sessions"], row["files"], row["side_files"]
    )
