"""The rows of side files, which are kept whole: the latest content of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import StoreError
from confab_sync.store import sessions
from confab_sync.store.codec import digest, pack, unpack
from confab_sync.store.names import check_name
from confab_sync.store.schema import OWNER
from confab_sync.store.times import from_text, to_text
from confab_sync.store.values import StoredSideFile

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from confab_sync.store.values import SideFile


def is_stored(
    connection: sqlite3.Connection, session_id: str, side_file: SideFile, user: int = OWNER
) -> bool:
    """Whether the session has this side file with just this content and time already.

    Raises `UnknownSession` and `ForeignSession`, and `StoreError` for an unclean name.
    """
    check_name(side_file.name)
    session = sessions.row_of(connection, session_id, user)
    row = connection.execute(
        "SELECT 1 FROM side_files WHERE session_id = ? AND name = ? AND digest = ?"
        " AND mtime_ns = ?",
        (session, side_file.name, digest(side_file.data), side_file.mtime_ns),
    ).fetchone()
    return row is not None


def put(
    connection: sqlite3.Connection,
    session_id: str,
    side_file: SideFile,
    now: datetime,
    user: int = OWNER,
) -> bool:
    """Store a side file in place of what it was before; False when only its time has changed.

    Raises `UnknownSession` and `ForeignSession`.
    """
    session = sessions.row_of(connection, session_id, user)
    name, checksum = side_file.name, digest(side_file.data)
    same_content = connection.execute(
        "UPDATE side_files SET mtime_ns = ? WHERE session_id = ? AND name = ? AND digest = ?",
        (side_file.mtime_ns, session, name, checksum),
    ).rowcount
    if same_content:
        return False
    connection.execute(
        "INSERT OR REPLACE INTO side_files"
        " (session_id, name, size, mtime_ns, digest, data, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            session,
            name,
            len(side_file.data),
            side_file.mtime_ns,
            checksum,
            pack(side_file.data),
            to_text(now),
        ),
    )
    sessions.touch(connection, session, now)
    return True


def listing(connection: sqlite3.Connection, session: int) -> list[StoredSideFile]:
    """The side files of a session by name."""
    rows = connection.execute(
        "SELECT name, size, mtime_ns, updated_at, digest FROM side_files WHERE session_id = ?"
        " ORDER BY name",
        (session,),
    )
    return [
        StoredSideFile(
            row["name"],
            row["size"],
            row["mtime_ns"],
            from_text(row["updated_at"]),
            row["digest"].hex(),
        )
        for row in rows
    ]


def read(connection: sqlite3.Connection, session: int, name: str) -> bytes:
    """The content of a side file.

    Raises `StoreError` when there is none, and `NotAsWritten` when it is damaged.
    """
    row = connection.execute(
        "SELECT size, digest, data FROM side_files WHERE session_id = ? AND name = ?",
        (session, name),
    ).fetchone()
    if row is None:
        raise StoreError(f"the session has no side file {name!a}")
    return unpack(row["data"], row["size"], row["digest"])
