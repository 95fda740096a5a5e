"""The rows of events, which are only ever added (contract §3.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from confab_sync.store import sessions
from confab_sync.store.times import from_text, to_text
from confab_sync.store.values import StoredEvent

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def add(
    connection: sqlite3.Connection,
    session: int,
    event_type: str,
    timestamp: datetime,
    payload: object | None,
    now: datetime,
) -> None:
    """Note that something happened to a session, given by its row number, at `timestamp`."""
    connection.execute(
        "INSERT INTO events (session_id, type, timestamp, payload, received_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            session,
            event_type,
            to_text(timestamp),
            sessions.json_text(payload),
            to_text(now),
        ),
    )


def listing(connection: sqlite3.Connection, session: int) -> list[StoredEvent]:
    """The events of a session, in the order in which they came."""
    rows = connection.execute(
        "SELECT type, timestamp, payload FROM events WHERE session_id = ? ORDER BY id", (session,)
    )
    return [
        StoredEvent(
            row["type"],
            from_text(row["timestamp"]),
            None if row["payload"] is None else json.loads(row["payload"]),
        )
        for row in rows
    ]
