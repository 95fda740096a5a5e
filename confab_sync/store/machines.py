"""The machines that a user's sessions came from, and the latest sessions of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from confab_sync.store import listing
from confab_sync.store.times import from_text, to_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from confab_sync.store.values import StoredSession


class Machine(NamedTuple):
    """A host and a user on it, as clients name them; how many sessions there are of it."""

    hostname: str
    username: str
    last_sync_at: datetime
    sessions: int


def machines(connection: sqlite3.Connection, user: int) -> list[Machine]:
    """All of them, the one that was heard of last first."""
    rows = connection.execute(
        "SELECT COALESCE(hostname, '') AS host, COALESCE(username, '') AS name,"
        " MAX(last_sync_at) AS last, COUNT(*) AS number FROM listed WHERE user_id = ?"
        " GROUP BY host, name ORDER BY last DESC",
        (user,),
    )
    return [
        Machine(row["host"], row["name"], from_text(row["last"]), row["number"]) for row in rows
    ]


def latest(
    connection: sqlite3.Connection, user: int, machine: Machine, since: datetime, limit: int
) -> list[StoredSession]:
    """The sessions of a machine of which something arrived after `since`, the newest first."""
    newest = connection.execute(
        "SELECT session_id FROM listed WHERE user_id = ? AND COALESCE(hostname, '') = ?"
        " AND COALESCE(username, '') = ? AND last_sync_at > ? ORDER BY last_sync_at DESC LIMIT ?",
        (user, machine.hostname, machine.username, to_text(since), limit),
    ).fetchall()
    return [listing.find(connection, row["session_id"]) for row in newest]


def ends(
    connection: sqlite3.Connection, user: int, event_type: str, sessions: Iterable[str]
) -> dict[str, datetime]:
    """When the last event of this type arrived, by public id, for those of these that had one."""
    rows = connection.execute(
        "SELECT s.uuid, MAX(e.received_at) AS last FROM json_each(?) AS wanted"
        " JOIN sessions AS s ON s.uuid = wanted.value JOIN events AS e ON e.session_id = s.id"
        " WHERE s.user_id = ? AND e.type = ? GROUP BY s.id",
        (json.dumps(list(sessions)), user, event_type),
    )
    return {row["uuid"]: from_text(row["last"]) for row in rows}
