"""A user's sessions as a person looks through them: narrowed, ordered, a page at a time."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync.store.selected import ORDERS, Choices, Selection, Shown
from confab_sync.store.times import from_text, to_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from confab_sync.store.selected import Order, State, Wanted

LIVE_FOR = timedelta(minutes=2)
"""A session of which nothing came for so long is no longer called live."""

RECENT = timedelta(hours=1)
"""Nor is one with an older newest message: it is sent after the event."""

LONGEST_TITLE = 300
"""Characters of a session's summary or first message that are read for its title."""

MOST_CHOICES = 300


def select(
    connection: sqlite3.Connection,
    user: int,
    wanted: Wanted,
    now: datetime,
    *,
    order: Order = "moment",
    descending: bool = True,
    limit: int = 100,
    offset: int = 0,
) -> Selection:
    """The `limit` sessions behind the first `offset` of those that are wanted.

    Sessions of which not one line came are left out. `now` decides which are live.
    """
    where, values = _condition(user, wanted, now)
    # The rows are short: reading all of them takes less time than finding each by an index.
    total, size = connection.execute(
        f"SELECT COUNT(*), COALESCE(SUM(l.bytes), 0) FROM listed AS l NOT INDEXED WHERE {where}",  # noqa: S608
        values,
    ).fetchone()
    direction = "DESC" if descending else "ASC"
    rows = connection.execute(
        f"SELECT l.session_id FROM listed AS l WHERE {where}"  # noqa: S608 - from ORDERS
        f" ORDER BY l.{ORDERS[ORDERS.index(order)]} {direction}, l.session_id {direction}"
        " LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return Selection(_shown(connection, [row[0] for row in rows], now), total, size)


def in_order(
    connection: sqlite3.Connection, user: int, session_ids: Sequence[str], now: datetime
) -> tuple[Shown, ...]:
    """The user's sessions of these public ids, in this order; unknown ones are left out."""
    rows = connection.execute(
        "SELECT s.id FROM json_each(?) AS e JOIN sessions AS s ON s.uuid = e.value"
        " WHERE s.user_id = ? ORDER BY e.key",
        (json.dumps(list(session_ids)), user),
    )
    return _shown(connection, [row[0] for row in rows], now)


def ids(connection: sqlite3.Connection, user: int, wanted: Wanted, now: datetime) -> list[str]:
    """The public ids of all sessions that are wanted, in no order."""
    where, values = _condition(user, wanted, now)
    rows = connection.execute(
        f"SELECT s.uuid FROM listed l JOIN sessions s ON s.id = l.session_id WHERE {where}",  # noqa: S608
        values,
    )
    return [row[0] for row in rows]


def beginning_with(connection: sqlite3.Connection, user: int, prefix: str) -> list[str]:
    """The public ids of the user's sessions whose own or public id begins so."""
    pattern = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = connection.execute(
        "SELECT uuid FROM sessions WHERE user_id = ? AND (external_id LIKE ? ESCAPE '\\'"
        " OR uuid LIKE ? ESCAPE '\\') LIMIT 20",
        (user, pattern, pattern),
    )
    return [row[0] for row in rows]


def choices(connection: sqlite3.Connection, user: int) -> Choices:
    """The projects, branches, machines and users of a user's sessions."""
    return Choices(
        _counted(connection, user, "cwd"),
        _counted(connection, user, "branch"),
        _counted(connection, user, "hostname"),
        _counted(connection, user, "username"),
    )


def _counted(connection: sqlite3.Connection, user: int, column: str) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        f"SELECT CAST({column} AS BLOB), COUNT(*) AS n FROM listed NOT INDEXED"  # noqa: S608 - as above
        f" WHERE user_id = ? AND lines > 0 AND {column} <> ''"
        f" GROUP BY {column} ORDER BY n DESC, {column} LIMIT ?",
        (user, MOST_CHOICES),
    )
    return tuple((_text(row[0]) or "", row[1]) for row in rows)


def _condition(user: int, wanted: Wanted, now: datetime) -> tuple[str, tuple[object, ...]]:
    parts: list[tuple[str, tuple[object, ...]]] = [("l.user_id = ? AND l.lines > 0", (user,))]
    for column, value in (
        ("cwd", wanted.project),
        ("branch", wanted.branch),
        ("hostname", wanted.machine),
        ("username", wanted.user),
    ):
        if value:
            parts.append((f"l.{column} = ?", (value,)))
    if wanted.since is not None:
        parts.append(("l.moment >= ?", (to_text(wanted.since),)))
    if wanted.until is not None:
        parts.append(("l.moment < ?", (to_text(wanted.until),)))
    if wanted.state:
        parts.append((_STATES[wanted.state], _moments(wanted.state, now)))
    if wanted.only is not None:
        parts.append(
            (
                "l.session_id IN (SELECT id FROM sessions WHERE uuid IN"
                " (SELECT value FROM json_each(?)))",
                (json.dumps(list(wanted.only)),),
            )
        )
    return " AND ".join(part for part, _ in parts), tuple(v for _, vs in parts for v in vs)


_ENDED = "COALESCE(l.ended_at >= l.last_sync_at, 0)"
_STATES = {
    "ended": _ENDED,
    "live": f"NOT {_ENDED} AND l.last_sync_at >= ? AND l.moment >= ?",
    "quiet": f"NOT {_ENDED} AND NOT (l.last_sync_at >= ? AND l.moment >= ?)",
}


def _moments(state: State, now: datetime) -> tuple[str, ...]:
    return () if state == "ended" else (to_text(now - LIVE_FOR), to_text(now - RECENT))


def _shown(connection: sqlite3.Connection, rows: Iterable[int], now: datetime) -> tuple[Shown, ...]:
    found = connection.execute(
        "SELECT s.uuid, s.external_id, s.provider,"
        " substr(COALESCE(s.summary, s.first_user_message, ''), 1, ?) AS title,"
        " l.*, CAST(l.branch AS BLOB) AS branch_bytes"
        " FROM json_each(?) AS e JOIN listed AS l ON l.session_id = e.value"
        " JOIN sessions AS s ON s.id = l.session_id ORDER BY e.key",
        (LONGEST_TITLE, json.dumps(list(rows))),
    )
    return tuple(_one(row, now) for row in found)


def _one(row: sqlite3.Row, now: datetime) -> Shown:
    last_sync_at = from_text(row["last_sync_at"])
    moment = from_text(row["moment"])
    is_live = last_sync_at >= now - LIVE_FOR and moment >= now - RECENT
    state: State = "live" if is_live else "quiet"
    if row["ended_at"] is not None and row["ended_at"] >= row["last_sync_at"]:
        state = "ended"
    made: dict[str, object] = {
        "session_id": row["uuid"],
        "title": " ".join(row["title"].split()),
        "moment": moment,
        "first_seen": from_text(row["first_seen"]),
        "last_sync_at": last_sync_at,
        "state": state,
        "branch": _text(row["branch_bytes"]),
    }
    same = {each.name: row[each.name] for each in fields(Shown) if each.name not in made}
    return Shown(**made, **same)  # type: ignore[arg-type]


def _text(value: bytes | None) -> str | None:
    """A branch's name: SQLite takes halves of surrogate pairs from JSON that are no text."""
    return None if value is None else value.decode("utf-8", "replace")
