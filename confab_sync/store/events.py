"""The rows of events, which are only ever added (contract §3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.store import sessions
from confab_sync.store.schema import OWNER
from confab_sync.store.times import to_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def add(
    connection: sqlite3.Connection,
    session_id: str,
    event_type: str,
    timestamp: datetime,
    payload: object | None,
    now: datetime,
    user: int = OWNER,
) -> None:
    """Note that something happened to a session at `timestamp`.

    Raises `UnknownSession` and `ForeignSession`.
    """
    connection.execute(
        "INSERT INTO events (session_id, type, timestamp, payload, received_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            sessions.row_of(connection, session_id, user),
            event_type,
            to_text(timestamp),
            sessions.json_text(payload),
            to_text(now),
        ),
    )
