"""The rows of device codes, each of which becomes an API key at most once (contract §2.11)."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from confab_sync.store import keys, users
from confab_sync.store.keys import digest
from confab_sync.store.times import from_text, to_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_REMEMBERED = timedelta(days=1)
"""For so long an expired code is told from an unknown one."""


class Redemption(Enum):
    """What became of a device code that was shown for a key."""

    GRANTED = auto()
    PENDING = auto()
    EXPIRED = auto()
    UNKNOWN = auto()
    DENIED = auto()


def begin(
    connection: sqlite3.Connection,
    device_code: str,
    user_code: str,
    key_name: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Remember a pair of codes until it expires."""
    connection.execute(
        "DELETE FROM device_codes WHERE expires_at < ?", (to_text(now - _REMEMBERED),)
    )
    connection.execute(
        "INSERT INTO device_codes (hash, user_code, key_name, expires_at) VALUES (?, ?, ?, ?)",
        (digest(device_code), user_code, key_name, to_text(expires_at)),
    )


def key_name(connection: sqlite3.Connection, user_code: str, now: datetime) -> str | None:
    """The name of the key that a code asks for; `None` when it waits for nobody."""
    row = connection.execute(
        "SELECT key_name FROM device_codes"
        " WHERE user_code = ? AND user_id IS NULL AND expires_at > ?",
        (user_code, to_text(now)),
    ).fetchone()
    return None if row is None else str(row["key_name"])


def approve(connection: sqlite3.Connection, user_code: str, user: int, now: datetime) -> bool:
    """Let the device that shows this code have a key of the user; False when none waits."""
    changed = connection.execute(
        "UPDATE device_codes SET user_id = ?"
        " WHERE user_code = ? AND user_id IS NULL AND expires_at > ?",
        (user, user_code, to_text(now)),
    )
    return changed.rowcount > 0


def redeem(
    connection: sqlite3.Connection, device_code: str, secret: str, now: datetime
) -> Redemption:
    """Make `secret` a key of the user who approved the code, and forget the code.

    A key of the same name is replaced. Raises `KeyLimitReached`, and then nothing has changed.
    """
    row = connection.execute(
        "SELECT * FROM device_codes WHERE hash = ?", (digest(device_code),)
    ).fetchone()
    if row is None:
        return Redemption.UNKNOWN
    if from_text(row["expires_at"]) <= now:
        return Redemption.EXPIRED
    if row["user_id"] is None:
        return Redemption.PENDING
    if users.get(connection, row["user_id"]).state == "disabled":
        return Redemption.DENIED
    keys.add(connection, row["user_id"], row["key_name"], secret, now, replace=True)
    connection.execute("DELETE FROM device_codes WHERE hash = ?", (digest(device_code),))
    return Redemption.GRANTED
