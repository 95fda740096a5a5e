"""Tells whether anything in the store's database was changed, by whomever, without reading it."""

from __future__ import annotations

import os
import sqlite3
from urllib.parse import quote


class StoreWatch:
    """A connection that never writes and is asked whether others did.

    SQLite's `data_version` differs when another connection, of this process or of another one,
    has committed; asking for it takes some microseconds and no lock that writers wait for.
    """

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path)
        self._connection: sqlite3.Connection | None = None

    def mark(self) -> int | None:
        """A number that is another one after a change; `None` while that cannot be told."""
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"file:{quote(os.fsencode(self._path))}?mode=rw",
                    uri=True,
                    timeout=0,
                    isolation_level=None,
                    check_same_thread=False,
                )
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:  # not there yet, or locked on a file system without a log
            return None

    def close(self) -> None:
        """Let go of the database; doing it twice is the same as once."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
