"""A database that is made anew when it is damaged: all that it has can be worked out again."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from confab_sync.errors import StoreDamaged, StoreUnavailable
from confab_sync.store.database import Database
from confab_sync.store.lock import WriteLock
from confab_sync.store.private_files import files_of, identity_of
from confab_sync.store.schema import APPLICATION_ID

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from confab_sync.store.database import DatabaseOptions

_HEADER = b"SQLite format 3\0"
_APPLICATION = slice(68, 72)


class RemadeDatabase(Database):
    """The same as `Database`, without damage that lasts longer than one command."""

    def __init__(self, path: str, options: DatabaseOptions) -> None:
        """Open it, creating it. Raises `StoreError`; another program's database stays."""
        self._options = options
        before = identity_of(path)
        try:
            super().__init__(path, create=True, options=options)
        except StoreDamaged:
            if _is_of_another_program(path):
                raise
            _discard(path, before, options)
            super().__init__(path, create=True, options=options)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """As `Database.write`; raises `StoreUnavailable` for damage, which is gone then."""
        self._require_current()
        try:
            with super().write() as connection:
                yield connection
        except StoreDamaged as error:
            self._begin_anew(error)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """As `Database.read`; raises `StoreUnavailable` for damage, which is gone then."""
        self._require_current()
        try:
            with super().read() as connection:
                yield connection
        except StoreDamaged as error:
            self._begin_anew(error)

    def _require_current(self) -> None:
        if not self.is_in_place:
            raise StoreUnavailable(f"{self.path} was made anew or removed meanwhile; try again")

    def _begin_anew(self, error: StoreDamaged) -> NoReturn:
        if error.path != self.path:  # it is about what is read meanwhile
            raise error
        _discard(self.path, self._opened, self._options)
        raise StoreUnavailable(
            f"{self.path} was damaged and is made anew the next time that it is needed; try again"
        ) from error


def _discard(path: str, found: tuple[int, int] | None, options: DatabaseOptions) -> None:
    """Remove the files of a damaged database, unless somebody else has begun a new one.

    Raises `StoreUnavailable`.
    """
    real = os.path.realpath(path)
    try:
        lock = WriteLock(
            real + ".lock",
            timeout=options.timeout,
            monotonic=options.monotonic,
            sleep=options.sleep,
        )
        try:
            with lock.held():
                if identity_of(path) == found:
                    for name in files_of(real):
                        if name != real + ".lock":
                            with suppress(FileNotFoundError):
                                os.unlink(name)
        finally:
            lock.close()
    except OSError as error:
        raise StoreUnavailable(f"{path} is damaged and cannot be removed: {error}") from error


def _is_of_another_program(path: str) -> bool:
    """Whether it is a database as whole as its header, and not one of ours."""
    try:
        with open(path, "rb") as stream:
            header = stream.read(100)
    except OSError:
        return False
    application = int.from_bytes(header[_APPLICATION], "big")
    return header.startswith(_HEADER) and len(header) == 100 and application != APPLICATION_ID
