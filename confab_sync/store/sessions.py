"""The rows of sessions: found or created, what clients say about them, deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync.errors import DeletedSession, ForeignSession, StoreError, UnknownSession
from confab_sync.store.schema import OWNER
from confab_sync.store.times import to_text
from confab_sync.store.values import Json

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from confab_sync.store.values import ChunkMetadata, SessionInfo

_FUTURE = timedelta(hours=48)
_MAX_EXTERNAL_ID = 512


def find_or_create(
    connection: sqlite3.Connection,
    info: SessionInfo,
    now: datetime,
    new_id: str,
    user: int = OWNER,
) -> tuple[int, str]:
    """The row number and public id of a user's session, which `new_id` names if it is new.

    What an existing session keeps and what is overwritten is the contract's §3.2, except that
    an absent `cwd` keeps the old one (§3.9). Raises `StoreError` for an impossible id.
    """
    if not 0 < len(info.external_id) <= _MAX_EXTERNAL_ID or "\0" in info.external_id:
        raise StoreError("the store refuses this session id: empty, too long or with a NUL")
    key = (user, info.provider, _text(info.external_id))
    connection.execute(
        "INSERT INTO sessions"
        " (uuid, user_id, provider, external_id, transcript_path, first_seen, last_sync_at)"
        " VALUES (?, ?, ?, ?, '', ?, ?)"
        " ON CONFLICT (user_id, provider, external_id) DO NOTHING",
        (new_id, *key, to_text(now), to_text(now)),
    )
    connection.execute(
        "UPDATE sessions SET transcript_path = ?, last_sync_at = ?, cwd = COALESCE(?, cwd),"
        " hostname = COALESCE(?, hostname), username = COALESCE(?, username),"
        " git_info = COALESCE(?, git_info)"
        " WHERE user_id = ? AND provider = ? AND external_id = ?",
        (
            _text(info.transcript_path),
            to_text(now),
            _text(info.cwd or None),
            _text(info.hostname or None),
            _text(info.username or None),
            json_text(info.git_info),
            *key,
        ),
    )
    row = connection.execute(
        "SELECT id, uuid FROM sessions WHERE user_id = ? AND provider = ? AND external_id = ?", key
    ).fetchone()
    _list_branch(connection, row["id"], info.git_info)
    return int(row["id"]), str(row["uuid"])


def row_of(connection: sqlite3.Connection, session_id: str, user: int = OWNER) -> int:
    """The row number of the user's session with this public id.

    Raises `UnknownSession` when there is none, `DeletedSession` when there was one, and
    `ForeignSession` when it is another user's.
    """
    row = connection.execute(
        "SELECT id, user_id FROM sessions WHERE uuid = ?", (session_id,)
    ).fetchone()
    if row is None:
        refuse_deleted(connection, session_id)
        raise UnknownSession(f"the store has no session {session_id}")
    if row["user_id"] != user:
        raise ForeignSession(f"the session {session_id} belongs to another user")
    return int(row["id"])


def refuse_deleted(connection: sqlite3.Connection, session_id: str) -> None:
    """Raises `DeletedSession` when this store once had the session with this public id."""
    was_here = connection.execute("SELECT 1 FROM deleted_sessions WHERE uuid = ?", (session_id,))
    if was_here.fetchone():
        raise DeletedSession(f"the session {session_id} was deleted from the store")


def find(
    connection: sqlite3.Connection, provider: str, external_id: str, user: int = OWNER
) -> int | None:
    """The row number of the user's session with this external id; `None` without one."""
    row = connection.execute(
        "SELECT id FROM sessions WHERE user_id = ? AND provider = ? AND external_id = ?",
        (user, provider, _text(external_id)),
    ).fetchone()
    return None if row is None else int(row["id"])


def provider_of(connection: sqlite3.Connection, session: int) -> str:
    """The provider of the session with this row number, which has to exist."""
    row = connection.execute("SELECT provider FROM sessions WHERE id = ?", (session,)).fetchone()
    return str(row["provider"])


def rows_of_external(connection: sqlite3.Connection, external_id: str, user: int) -> list[int]:
    """The user's sessions with this external id, at most one for each provider.

    Raises `UnknownSession` when nobody has one, and `ForeignSession` when only others have.
    """
    rows = connection.execute(
        "SELECT id, user_id FROM sessions WHERE external_id = ? ORDER BY id", (_text(external_id),)
    ).fetchall()
    if not rows:
        raise UnknownSession("the store has no session of this external id")
    own = [int(row["id"]) for row in rows if row["user_id"] == user]
    if not own:
        raise ForeignSession("the sessions of this external id belong to other users")
    return own


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
    _list_branch(connection, session, metadata.git_info)


def set_summary(connection: sqlite3.Connection, session: int, summary: str) -> None:
    """Give a session another summary (contract §2.7)."""
    connection.execute("UPDATE sessions SET summary = ? WHERE id = ?", (_text(summary), session))


def set_live(connection: sqlite3.Connection, session: int, live: object, now: datetime) -> None:
    """Keep what the client's daemon says of itself now."""
    connection.execute(
        "UPDATE sessions SET live = ?, live_at = ? WHERE id = ?",
        (json_text(live), to_text(now), session),
    )


def delete(connection: sqlite3.Connection, session_id: str, user: int = OWNER) -> None:
    """Remove a session and all that belongs to it; raises as `row_of` does."""
    row = row_of(connection, session_id, user)
    connection.execute("DELETE FROM sessions WHERE id = ?", (row,))


def _list_branch(connection: sqlite3.Connection, session: int, git_info: object | None) -> None:
    """Let lists show and find the session by the branch that `git_info` names, if it says any."""
    if git_info is None:
        return
    branch = git_info.get("branch") if isinstance(git_info, dict) else None
    connection.execute(
        "UPDATE listed SET branch = :branch WHERE session_id = :session AND branch IS NOT :branch",
        {"branch": _text(branch) if isinstance(branch, str) else None, "session": session},
    )


def json_text(value: object | None) -> str | None:
    """`value` as JSON text; `None`, which says nothing, stays `None`."""
    if value is None:
        return None
    return json.dumps(None if value is Json.NULL else value, separators=(",", ":"))


def _text(value: str | None) -> str | None:
    # A path may hold bytes that are no Unicode (PEP 383); SQLite's text cannot.
    return None if value is None else value.encode("utf-8", "backslashreplace").decode()
