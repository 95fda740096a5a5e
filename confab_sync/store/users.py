"""The rows of users: the owner of this machine's store, and whom `confab serve` knows besides."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from confab_sync.errors import NameTaken, UnknownAccount
from confab_sync.store.times import to_text

if TYPE_CHECKING:
    from datetime import datetime

State = Literal["active", "read_only", "disabled"]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with sessions in the store; a name is optional."""

    id: int
    email: str
    name: str | None
    state: State


def add(connection: sqlite3.Connection, email: str, name: str | None, now: datetime) -> User:
    """Add an active user; raises `NameTaken` when somebody has this address."""
    try:
        cursor = connection.execute(
            "INSERT INTO users (email, name, created_at) VALUES (?, ?, ?)",
            (email, name, to_text(now)),
        )
    except sqlite3.IntegrityError:
        raise NameTaken(f"there is a user {email} already") from None
    assert cursor.lastrowid is not None  # noqa: S101 - an INSERT that worked has one
    return User(cursor.lastrowid, email, name, "active")


def find(connection: sqlite3.Connection, email: str) -> User:
    """The user with this address, in either case; raises `UnknownAccount` when nobody has it."""
    row = connection.execute("SELECT * FROM users WHERE email = ?", (email,)).fetchone()
    if row is None:
        raise UnknownAccount(f"there is no user {email}; see `confab serve users list`")
    return from_row(row)


def get(connection: sqlite3.Connection, user: int) -> User:
    """The user with this number, which has to exist."""
    return from_row(connection.execute("SELECT * FROM users WHERE id = ?", (user,)).fetchone())


def set_state(connection: sqlite3.Connection, user: User, state: State) -> None:
    """Let a user do everything, only read, or nothing."""
    connection.execute("UPDATE users SET state = ? WHERE id = ?", (state, user.id))


def listing(connection: sqlite3.Connection) -> list[User]:
    """All users, the owner first."""
    return [from_row(row) for row in connection.execute("SELECT * FROM users ORDER BY id")]


def from_row(row: sqlite3.Row) -> User:
    """The user in a row of the table."""
    return User(row["id"], row["email"], row["name"], cast("State", row["state"]))
