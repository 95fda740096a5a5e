"""Sessions as they are listed, with what their files add up to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from confab_sync.store.schema import OWNER
from confab_sync.store.times import from_text
from confab_sync.store.values import FileExtent, StoredSession

if TYPE_CHECKING:
    import sqlite3

_SELECT = (
    "SELECT s.*, l.files, l.lines, l.bytes"
    " FROM sessions AS s JOIN listed AS l ON l.session_id = s.id"
)


def listing(connection: sqlite3.Connection, user: int = OWNER) -> list[StoredSession]:
    """Every session of a user, the one with the newest message first."""
    rows = connection.execute(
        _SELECT + " WHERE l.user_id = ? ORDER BY l.moment DESC, l.session_id DESC",
        (user,),
    )
    return [_listed(row) for row in rows]


def find(connection: sqlite3.Connection, session: int) -> StoredSession:
    """The session with this row number, which has to exist."""
    return _listed(connection.execute(_SELECT + " WHERE s.id = ?", (session,)).fetchone())


def extents(connection: sqlite3.Connection) -> list[FileExtent]:
    """How much there is of the newest generation of each file of each session."""
    rows = connection.execute(
        "SELECT s.uuid, s.user_id, s.provider, f.name, f.type, f.generation, f.bytes"
        " FROM newest_files AS f JOIN sessions AS s ON s.id = f.session_id ORDER BY f.id DESC"
    )
    return [FileExtent(*row) for row in rows]


def _listed(row: sqlite3.Row) -> StoredSession:
    return StoredSession(
        session_id=row["uuid"],
        provider=row["provider"],
        external_id=row["external_id"],
        transcript_path=row["transcript_path"],
        cwd=row["cwd"],
        hostname=row["hostname"],
        username=row["username"],
        git_info=None if row["git_info"] is None else json.loads(row["git_info"]),
        summary=row["summary"],
        first_user_message=row["first_user_message"],
        first_seen=from_text(row["first_seen"]),
        last_sync_at=from_text(row["last_sync_at"]),
        last_message_at=None
        if row["last_message_at"] is None
        else from_text(row["last_message_at"]),
        files=row["files"],
        lines=row["lines"],
        bytes=row["bytes"],
        live=None if row["live"] is None else json.loads(row["live"]),
        live_at=None if row["live_at"] is None else from_text(row["live_at"]),
    )
