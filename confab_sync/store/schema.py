"""The store's tables, and the steps that bring an older store up to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import StoreTooNew
from confab_sync.store.failures import damaged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

APPLICATION_ID = 0x636F6E66
"""Marks a database as ours in its header: "conf"."""

_VERSION_1 = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        external_id TEXT NOT NULL,
        transcript_path TEXT NOT NULL,
        cwd TEXT,
        hostname TEXT,
        username TEXT,
        git_info TEXT,           -- JSON
        summary TEXT,
        first_user_message TEXT,
        first_seen TEXT NOT NULL,
        last_sync_at TEXT NOT NULL,
        last_message_at TEXT,
        UNIQUE (provider, external_id)
    )
    """,
    """
    CREATE TABLE files (         -- one row for each generation of a file
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        generation INTEGER NOT NULL,
        type TEXT NOT NULL,
        lines INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        source_bytes INTEGER NOT NULL DEFAULT 0,
        open_end INTEGER NOT NULL DEFAULT 0,
        updated_at TEXT NOT NULL,
        UNIQUE (session_id, name, generation)
    )
    """,
    """
    CREATE VIEW newest_files AS
        SELECT * FROM files AS f WHERE generation = (
            SELECT MAX(generation) FROM files AS g
            WHERE g.session_id = f.session_id AND g.name = f.name)
    """,
    """
    CREATE TABLE chunks (        -- a file's bytes are its rows' bytes, joined in order
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,  -- where in the file the row's bytes begin
        size INTEGER NOT NULL,   -- bytes before compression
        first_line INTEGER NOT NULL,  -- the line (1-based) that the first of them belongs to
        newlines INTEGER NOT NULL,    -- how many lines end in the row
        digest BLOB NOT NULL,    -- BLAKE2b of the bytes before compression
        data BLOB NOT NULL,      -- one zstd frame
        UNIQUE (file_id, start)
    )
    """,
    """
    CREATE TABLE side_files (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        digest BLOB NOT NULL,
        data BLOB NOT NULL,
        updated_at TEXT NOT NULL,
        UNIQUE (session_id, name)
    )
    """,
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        type TEXT NOT NULL,
        timestamp TEXT NOT NULL,
        payload TEXT,            -- JSON
        received_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX events_by_session ON events (session_id)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1,)
"""Step n leads from version n to n + 1. A step that was released is never changed."""


def needs_migration(
    connection: sqlite3.Connection, path: str, steps: Sequence[Sequence[str]] = MIGRATIONS
) -> bool:
    """Whether the store is older than this program.

    Raises `StoreTooNew` when it is newer and `StoreDamaged` when it is no store of ours.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION_ID and (version or application or tables):
        raise damaged(path, "it is another program's database")
    if version > len(steps):
        raise StoreTooNew(
            f"the store {path} was written by a newer confab (its version is {version}, this "
            f"confab knows {len(steps)}); upgrade confab"
        )
    return version < len(steps)


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Take all missing steps; belongs into one write transaction, so that it is all or nothing."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    for step in steps[version:]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(steps)}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
