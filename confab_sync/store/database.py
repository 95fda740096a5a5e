"""The store's connection to its SQLite database: opened, locked, private, durable."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync.errors import StoreUnavailable
from confab_sync.paths import make_private_directory
from confab_sync.store.failures import damaged, store_errors
from confab_sync.store.filesystem import is_local
from confab_sync.store.lock import WriteLock
from confab_sync.store.private_files import (
    create_private,
    files_of,
    identity_of,
    is_too_short,
    tighten,
)
from confab_sync.store.schema import MIGRATIONS, migrate, needs_migration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CLOSING_TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """What the database takes from outside; tests replace it.

    `timeout` (seconds) bounds the wait for other writers; `on_local_disk` says of a directory
    whether SQLite's write-ahead log can be trusted there. What is not `is_durable` may lose its
    last transactions at a power cut, each as a whole, and writes without waiting for the disk.
    """

    timeout: float = 20.0
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    on_local_disk: Callable[[str], bool] = is_local
    migrations: Sequence[Sequence[str]] = MIGRATIONS
    is_durable: bool = True


class Database:
    """One open connection; the caller sees to it that one thread at a time uses it."""

    def __init__(self, path: str, *, create: bool, options: DatabaseOptions) -> None:
        self.path = path
        self._timeout = options.timeout
        with store_errors(path), ExitStack() as undo:
            if create:
                make_private_directory(os.path.dirname(os.path.abspath(path)), may_be_link=True)
            elif not os.path.exists(path):
                raise StoreUnavailable(
                    f"there is no store at {path}: nothing was archived there yet; "
                    "`confab status` shows how confab stands"
                )
            # Beside a link the journals and the lock would differ from those beside its target.
            self._real = os.path.realpath(path)
            self._lock = WriteLock(
                self._real + ".lock",
                timeout=options.timeout,
                monotonic=options.monotonic,
                sleep=options.sleep,
            )
            undo.callback(self._lock.close)
            with self._lock.held():
                if create:
                    create_private(self._real)
                if is_too_short(self._real):
                    raise damaged(path, "it is too short")  # SQLite would write over it
                tighten(self._real)
                self._connection = _connect(self._real, options.timeout)
                undo.callback(self._connection.close)
                _configure(self._connection)
                self._prepare(options)
                tighten(self._real)
                self._opened = identity_of(self._real)
            undo.pop_all()

    @property
    def is_in_place(self) -> bool:
        """Whether the path still leads to the file that is open here; somebody may remove it."""
        return self._opened is not None and identity_of(self.path) == self._opened

    def _prepare(self, options: DatabaseOptions) -> None:
        connection = self._connection
        outdated = needs_migration(connection, self.path, options.migrations)
        local = options.on_local_disk(os.path.dirname(self._real))
        if outdated:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # has to precede the first page
        if outdated and local:
            connection.execute("PRAGMA journal_mode = WAL")
        if not local:
            _leave_wal(connection, self.path)
        elif not options.is_durable:
            connection.execute("PRAGMA synchronous = NORMAL")  # safe with a write-ahead log
        if outdated:
            connection.execute("PRAGMA foreign_keys = OFF")  # means nothing inside a transaction
            with _transaction(connection):
                migrate(connection, options.migrations)
            connection.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that may write: durable when the block has ended, undone if it raises.

        Raises `StoreUnavailable` when other writers take longer than the timeout, and the
        other `StoreError`s as `failures` says.
        """
        with store_errors(self.path), self._lock.held(), _transaction(self._connection):
            yield self._connection

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Statements that only read, each for itself."""
        with store_errors(self.path):
            yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one state of the database; keep it short, it holds back checkpoints."""
        with store_errors(self.path):
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                _leave(self._connection, "COMMIT")

    def checkpoint(self) -> None:
        """Bring the write-ahead log into the database and empty it, as far as readers allow."""
        with store_errors(self.path), self._lock.held():
            # Waiting for readers here would make every writer wait for them.
            self._connection.execute("PRAGMA busy_timeout = 0")
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {int(self._timeout * 1000)}")

    def disk_bytes(self) -> int:
        """The bytes that the database takes on disk, journals included."""
        with store_errors(self.path):
            return sum(os.path.getsize(name) for name in files_of(self._real))

    def close(self) -> None:
        """Close the connection; doing it twice is the same as once."""
        if self._lock.closed:
            return
        with store_errors(self.path):
            try:
                # The last one to close checkpoints, so it belongs under the lock; but closing
                # may not fail because others write.
                with self._lock.held(_CLOSING_TIMEOUT):
                    self._connection.close()
            except StoreUnavailable:
                self._connection.close()
            finally:
                self._lock.close()


def _connect(path: str, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?mode=rw",
        uri=True,
        timeout=timeout,
        isolation_level=None,  # transactions are begun by hand, always as writers
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    for setting in (
        "foreign_keys = ON",
        "synchronous = FULL",
        "fullfsync = ON",  # macOS: only this reaches the disk itself
        "trusted_schema = OFF",
        "secure_delete = ON",  # what is deleted is not to be found in the file afterwards
        "journal_size_limit = 16777216",
    ):
        connection.execute(f"PRAGMA {setting}")


def _leave_wal(connection: sqlite3.Connection, path: str) -> None:
    if connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
        raise StoreUnavailable(
            f"the store {path} lies on a network file system, and another program uses it with "
            "a journal that is unsafe there; end that program and try again"
        )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        _leave(connection, "ROLLBACK")
        raise


def _leave(connection: sqlite3.Connection, statement: str) -> None:
    if connection.in_transaction:  # SQLite ends it by itself after some errors, a full disk's too
        connection.execute(statement)
