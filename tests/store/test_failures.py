"""Foreign errors become the store's own."""

from __future__ import annotations

import sqlite3

import pytest

from confab_sync.errors import StoreDamaged, StoreError, StoreUnavailable
from confab_sync.store.failures import store_errors


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, StoreUnavailable),
        (sqlite3.SQLITE_BUSY_RECOVERY, StoreUnavailable),
        (sqlite3.SQLITE_FULL, StoreUnavailable),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreUnavailable),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailable),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable),
        (sqlite3.SQLITE_CORRUPT_VTAB, StoreDamaged),
        (sqlite3.SQLITE_NOTADB, StoreDamaged),
        (sqlite3.SQLITE_CONSTRAINT_NOTNULL, StoreError),
        (sqlite3.SQLITE_TOOBIG, StoreError),
    ],
)
def test_result_code_decides(code: int, kind: type[StoreError]) -> None:
    error = sqlite3.DatabaseError("what happened")
    error.sqlite_errorcode = code
    told = pytest.raises(StoreError, match=r"/a/store\.db.*what happened")
    with told as caught, store_errors("/a/store.db"):
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error


def test_text_that_cannot_be_decoded_is_damage() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(StoreDamaged), store_errors("/a/store.db"):
        connection.execute("SELECT CAST(x'ff' AS TEXT)").fetchone()
    connection.close()


def test_system_errors_are_passing() -> None:
    with pytest.raises(StoreUnavailable, match="Permission"), store_errors("/a/store.db"):
        raise PermissionError(13, "Permission denied")
