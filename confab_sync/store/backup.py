"""Copies the store, consistent and compact, while others may write to it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.errors import StoreError, StoreUnavailable
from confab_sync.files import flush_directory

if TYPE_CHECKING:
    from confab_sync.store.database import Database


def backup(database: Database, path: str) -> int:
    """Write the store as it is now to `path`, where nothing may be yet; its size in bytes.

    The copy is a store itself, private (0600), and is there whole or not at all. Writers go on
    meanwhile. Raises `StoreError` when something is in the way or the copy is not sound, and
    `StoreUnavailable` when it cannot be written.
    """
    if os.path.lexists(path):
        raise StoreError(f"{path} exists; a backup never replaces a file")
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            with database.read() as connection:
                connection.execute("VACUUM INTO ?", (temporary,))
            _verify(temporary)
            os.link(temporary, path)  # unlike a rename, this replaces nothing
        finally:
            os.unlink(temporary)
        flush_directory(path)
        return os.path.getsize(path)
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be written: {error.strerror}") from error


def _verify(path: str) -> None:
    """Read the copy from the disk and bring it there for good."""
    with closing(sqlite3.connect(path)) as copy:
        answer = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise StoreError(f"the backup is not sound ({answer}); `confab store check` says more")
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
