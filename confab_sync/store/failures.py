"""Turns what SQLite and the system report into the store's own errors."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confab_sync.errors import StoreDamaged, StoreError, StoreUnavailable, of_system

if TYPE_CHECKING:
    from collections.abc import Iterator

NEXT_TO_NOTHING = 64 * 1024
"""Bytes of room in which SQLite cannot even open a database: its index of the log needs 32 KiB."""

FULL = "the disk is full"

_PASSING = {
    sqlite3.SQLITE_BUSY: "another program is using it",
    sqlite3.SQLITE_LOCKED: "another program is using it",
    sqlite3.SQLITE_PROTOCOL: "another program is using it",
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: "it cannot be written; check its permissions",
    sqlite3.SQLITE_PERM: "it cannot be opened; check its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check its permissions",
    sqlite3.SQLITE_IOERR: "the disk reported an error",
    sqlite3.SQLITE_NOMEM: "memory is short",
    sqlite3.SQLITE_INTERRUPT: "it was interrupted",
}
_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_ERROR,  # a statement that was right when written: a table is missing
    }
)


@contextmanager
def store_errors(path: str) -> Iterator[None]:
    """Run a block on the database `path`; raise `StoreError`s instead of foreign errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise StoreError(f"the store cannot keep this value: {error}") from error
    except OSError as error:
        raise StoreUnavailable(f"the store {path} cannot be used: {of_system(error)}") from error


def damaged(path: str, what: str) -> StoreDamaged:
    """The error for a store at `path` that is not what was written, and what can be done."""
    return StoreDamaged(
        f"the store {path} is damaged ({what}); `confab store check` tells more; restore it from "
        "a backup, or move it away to begin a new one",
        path,
    )


def _is_full(path: str) -> bool:
    try:
        left = os.statvfs(os.path.dirname(path))
    except OSError:
        return False
    return left.f_bavail * left.f_frsize < NEXT_TO_NOTHING


def _translated(error: sqlite3.Error, path: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF  # the upper bits only say where
    if primary == sqlite3.SQLITE_IOERR and _is_full(path):
        primary = sqlite3.SQLITE_FULL  # of a file that it cannot make larger SQLite says this
    if primary in _PASSING:
        return StoreUnavailable(
            f"the store {path} cannot be used now: {_PASSING[primary]} ({error})"
        )
    undecodable = primary is None and isinstance(error, sqlite3.OperationalError)
    if primary in _DAMAGE or undecodable:
        return damaged(path, str(error))
    return StoreError(f"the store {path} refused: {error}")
