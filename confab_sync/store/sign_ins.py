"""The rows of one-time links, and of the cookies they are exchanged for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync.store import users
from confab_sync.store.keys import digest
from confab_sync.store.times import to_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from confab_sync.store.users import User

LINK_LIFE = timedelta(hours=24)
COOKIE_LIFE = timedelta(days=30)


def add_link(connection: sqlite3.Connection, user: int, secret: str, now: datetime) -> None:
    """Let `secret` sign a user in, once and soon; earlier links of the user are void."""
    connection.execute("DELETE FROM sign_ins WHERE expires_at <= ?", (to_text(now),))
    connection.execute("DELETE FROM sign_ins WHERE user_id = ? AND kind = 'link'", (user,))
    _add(connection, "link", user, secret, now + LINK_LIFE)


def exchange(connection: sqlite3.Connection, link: str, cookie: str, now: datetime) -> User | None:
    """Use a link up, so that `cookie` stands for its user; `None` when it is used or too old."""
    user = _user(connection, "link", link, now)
    connection.execute("DELETE FROM sign_ins WHERE hash = ? AND kind = 'link'", (digest(link),))
    if user is not None:
        _add(connection, "cookie", user.id, cookie, now + COOKIE_LIFE)
    return user


def holder(connection: sqlite3.Connection, cookie: str, now: datetime) -> User | None:
    """Whom a cookie stands for; `None` for anything else."""
    return _user(connection, "cookie", cookie, now)


def end(connection: sqlite3.Connection, cookie: str) -> None:
    """Let a cookie stand for nobody."""
    connection.execute("DELETE FROM sign_ins WHERE hash = ? AND kind = 'cookie'", (digest(cookie),))


def is_new(connection: sqlite3.Connection, user: int) -> bool:
    """Whether a user has never signed in and never had a key."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM sign_ins WHERE user_id = :user AND kind = 'cookie')"
        " OR EXISTS (SELECT 1 FROM api_keys WHERE user_id = :user)",
        {"user": user},
    ).fetchone()
    return not row[0]


def _add(
    connection: sqlite3.Connection, kind: str, user: int, secret: str, expires_at: datetime
) -> None:
    connection.execute(
        "INSERT INTO sign_ins (hash, kind, user_id, expires_at) VALUES (?, ?, ?, ?)",
        (digest(secret), kind, user, to_text(expires_at)),
    )


def _user(connection: sqlite3.Connection, kind: str, secret: str, now: datetime) -> User | None:
    row = connection.execute(
        "SELECT users.* FROM sign_ins JOIN users ON users.id = user_id"
        " WHERE hash = ? AND kind = ? AND expires_at > ?",
        (digest(secret), kind, to_text(now)),
    ).fetchone()
    return None if row is None else users.from_row(row)
