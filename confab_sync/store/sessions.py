"""The rows of sessions: found or created, what chunks say about them, listed, deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync.errors import StoreError, UnknownSession
from confab_sync.store.times import from_text, to_text
from confab_sync.store.values import StoredSession

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from confab_sync.store.values import ChunkMetadata, SessionInfo

_FUTURE = timedelta(hours=48)
_MAX_EXTERNAL_ID = 512


def find_or_create(
    connection: sqlite3.Connection, info: SessionInfo, now: datetime, new_id: str
) -> tuple[int, str]:
    """The row number and public id of a session, which `new_id` names if it is new.

    What an existing session keeps and what is overwritten is the contract's §3.2, except that
    an absent `cwd` keeps the old one (§3.9). Raises `StoreError` for an impossible id.
    """
    if not 0 < len(info.external_id) <= _MAX_EXTERNAL_ID or "\0" in info.external_id:
        raise StoreError("the store refuses this session id: empty, too long or with a NUL")
    connection.execute(
        "INSERT INTO sessions"
        " (uuid, provider, external_id, transcript_path, first_seen, last_sync_at)"
        " VALUES (?, ?, ?, '', ?, ?) ON CONFLICT (provider, external_id) DO NOTHING",
        (new_id, info.provider, _text(info.external_id), to_text(now), to_text(now)),
    )
    connection.execute(
        "UPDATE sessions SET transcript_path = ?, last_sync_at = ?, cwd = COALESCE(?, cwd),"
        " hostname = COALESCE(?, hostname), username = COALESCE(?, username),"
        " git_info = COALESCE(?, git_info) WHERE provider = ? AND external_id = ?",
        (
            _text(info.transcript_path),
            to_text(now),
            _text(info.cwd or None),
            _text(info.hostname or None),
            _text(info.username or None),
            json_text(info.git_info),
            info.provider,
            _text(info.external_id),
        ),
    )
    row = connection.execute(
        "SELECT id, uuid FROM sessions WHERE provider = ? AND external_id = ?",
        (info.provider, _text(info.external_id)),
    ).fetchone()
    return int(row["id"]), str(row["uuid"])


def row_of(connection: sqlite3.Connection, session_id: str) -> int:
    """The row number of the session with this public id; raises `UnknownSession` without one."""
    row = connection.execute("SELECT id FROM sessions WHERE uuid = ?", (session_id,)).fetchone()
    if row is None:
        raise UnknownSession(f"the store has no session {session_id}: deleted, or never opened")
    return int(row["id"])


def touch(connection: sqlite3.Connection, session: int, now: datetime) -> None:
    """Note that something of the session arrived now."""
    connection.execute("UPDATE sessions SET last_sync_at = ? WHERE id = ?", (to_text(now), session))


def apply_metadata(
    connection: sqlite3.Connection, session: int, metadata: ChunkMetadata, now: datetime
) -> None:
    """Let a transcript chunk's metadata take effect (contract §3.4)."""
    latest = metadata.latest_message_at
    if latest is not None and to_text(latest) > to_text(now + _FUTURE):
        latest = None
    newest = None if latest is None else to_text(latest)
    oldest = None if metadata.created_at is None else to_text(metadata.created_at)
    connection.execute(
        "UPDATE sessions SET summary = COALESCE(?, summary),"
        " first_user_message = COALESCE(first_user_message, ?),"
        " git_info = COALESCE(?, git_info),"
        " last_message_at = MAX(COALESCE(last_message_at, ?), COALESCE(?, last_message_at)),"
        " first_seen = MIN(first_seen, COALESCE(?, first_seen)) WHERE id = ?",
        (
            _text(metadata.summary),
            _text(metadata.first_user_message),
            json_text(metadata.git_info),
            newest,
            newest,
            oldest,
            session,
        ),
    )


def set_summary(
    connection: sqlite3.Connection, provider: str, external_id: str, summary: str
) -> None:
    """Set the summary of the session with this external id, if there is one."""
    connection.execute(
        "UPDATE sessions SET summary = ? WHERE provider = ? AND external_id = ?",
        (_text(summary), provider, _text(external_id)),
    )


def listing(connection: sqlite3.Connection) -> list[StoredSession]:
    """Every session, the one with the newest message first."""
    rows = connection.execute(
        "SELECT s.*, COUNT(f.id) AS files, COALESCE(SUM(f.lines), 0) AS lines,"
        " COALESCE(SUM(f.bytes), 0) AS bytes"
        " FROM sessions AS s LEFT JOIN newest_files AS f ON f.session_id = s.id"
        " GROUP BY s.id ORDER BY COALESCE(s.last_message_at, s.first_seen) DESC, s.id DESC"
    )
    return [_listed(row) for row in rows]


def delete(connection: sqlite3.Connection, session_id: str) -> None:
    """Remove a session and all that belongs to it; raises `UnknownSession` without one."""
    connection.execute("DELETE FROM sessions WHERE id = ?", (row_of(connection, session_id),))


def json_text(value: object | None) -> str | None:
    """`value` as JSON text; `None`, which says nothing, stays `None`."""
    return None if value is None else json.dumps(value, separators=(",", ":"))


def _text(value: str | None) -> str | None:
    # A path may hold bytes that are no Unicode (PEP 383); SQLite's text cannot.
    return None if value is None else value.encode("utf-8", "backslashreplace").decode()


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
    )
