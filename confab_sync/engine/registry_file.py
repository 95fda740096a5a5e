"""The registry's file: a database like the store, whose errors are told as the registry's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from confab_sync.engine.registry_schema import MIGRATIONS, TABLES
from confab_sync.errors import RegistryDamaged, RegistryError, StoreDamaged, StoreError
from confab_sync.store.database import Database, DatabaseOptions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from datetime import datetime

PATIENCE = 10.0
"""Seconds to wait for other writers, who need milliseconds."""


class RegistryFile:
    """The SQLite file at `path`. All methods raise `RegistryError`.

    With `create` it is made when missing; `patience` (seconds) bounds the wait for others.
    """

    def __init__(
        self,
        path: str,
        *,
        clock: Callable[[], datetime],
        create: bool = True,
        patience: float = PATIENCE,
    ) -> None:
        self._path = path
        self._clock = clock
        options = DatabaseOptions(timeout=patience, migrations=MIGRATIONS)
        with _translated(path):
            self._database = Database(path, create=create, options=options)

    def close(self) -> None:
        """Close the file."""
        with _translated(self._path):
            self._database.close()

    def is_in_place(self) -> bool:
        """Whether the path still leads to the file that is open here; somebody may remove it."""
        return self._database.is_in_place

    def is_sound(self) -> bool:
        """Whether SQLite finds nothing wrong in the file and every table is there."""
        with self._read() as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            for table in TABLES:
                connection.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608
        return bool(said == "ok")

    def _now(self) -> str:
        return self._clock().isoformat().replace("+00:00", "Z")

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with _translated(self._path), self._database.write() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with _translated(self._path), self._database.read() as connection:
            yield connection

    def _give_back(self) -> None:
        """Let the file shrink after something was removed."""
        from confab_sync.store.prune import give_back  # all of the store's values with it

        with _translated(self._path):
            give_back(self._database)


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except StoreDamaged as error:
        raise RegistryDamaged(
            f"the registry {path} is damaged; the next session moves it aside and begins a new"
            " one with what the backend says it has"
        ) from error
    except StoreError as error:
        raise RegistryError(str(error).replace("the store", "the registry", 1)) from error
