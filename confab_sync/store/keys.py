"""The rows of API keys, of which only a digest is kept (contract §1.3)."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.errors import KeyLimitReached, NameTaken, UnknownAccount
from confab_sync.store import users
from confab_sync.store.times import from_text, to_text

if TYPE_CHECKING:
    from datetime import datetime

    from confab_sync.store.users import User

MAX_KEYS = 500
"""As many living keys may a user have (contract §1.3)."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A living key, without its secret."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whom a key belongs to, and what is known of the key."""

    user: User
    key: ApiKey


def digest(secret: str) -> str:
    """What is kept of a secret: SHA-256 in hex. Secrets are random, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add(
    connection: sqlite3.Connection,
    user: int,
    name: str,
    secret: str,
    now: datetime,
    *,
    replace: bool,
) -> ApiKey:
    """Add a key; with `replace` the living one of this name stops working (contract §2.11).

    Raises `NameTaken` and `KeyLimitReached`.
    """
    if replace:
        _revoke(connection, user, name, now)
    living = connection.execute(
        "SELECT COUNT(*) FROM api_keys WHERE user_id = ? AND revoked_at IS NULL", (user,)
    ).fetchone()[0]
    if living >= MAX_KEYS:
        raise KeyLimitReached(f"the user has {living} keys, and more are not possible")
    try:
        cursor = connection.execute(
            "INSERT INTO api_keys (user_id, name, hash, created_at) VALUES (?, ?, ?, ?)",
            (user, name, digest(secret), to_text(now)),
        )
    except sqlite3.IntegrityError:
        raise NameTaken(f"there is a key {name!a} already") from None
    assert cursor.lastrowid is not None  # noqa: S101 - an INSERT that worked has one
    return ApiKey(cursor.lastrowid, name, now, None)


def revoke(connection: sqlite3.Connection, user: int, name: str, now: datetime) -> None:
    """Let a key work no more; raises `UnknownAccount` when the user has none of this name."""
    if not _revoke(connection, user, name, now):
        raise UnknownAccount(f"there is no key {name!a}; see `confab serve keys list`")


def _revoke(connection: sqlite3.Connection, user: int, name: str, now: datetime) -> bool:
    changed = connection.execute(
        "UPDATE api_keys SET revoked_at = ? WHERE user_id = ? AND name = ? AND revoked_at IS NULL",
        (to_text(now), user, name),
    )
    return changed.rowcount > 0


def holder(connection: sqlite3.Connection, secret: str) -> KeyHolder | None:
    """Whom a living key belongs to; `None` for anything else."""
    row = connection.execute(
        "SELECT * FROM api_keys WHERE hash = ? AND revoked_at IS NULL", (digest(secret),)
    ).fetchone()
    return None if row is None else KeyHolder(users.get(connection, row["user_id"]), _key(row))


def note_use(connection: sqlite3.Connection, key: ApiKey, now: datetime) -> None:
    """Note that a key was used now."""
    connection.execute("UPDATE api_keys SET last_used_at = ? WHERE id = ?", (to_text(now), key.id))


def listing(connection: sqlite3.Connection, user: int) -> list[ApiKey]:
    """The living keys of a user, the oldest first."""
    rows = connection.execute(
        "SELECT * FROM api_keys WHERE user_id = ? AND revoked_at IS NULL ORDER BY id", (user,)
    )
    return [_key(row) for row in rows]


def _key(row: sqlite3.Row) -> ApiKey:
    used = row["last_used_at"]
    return ApiKey(
        row["id"],
        row["name"],
        from_text(row["created_at"]),
        None if used is None else from_text(used),
    )
