"""Reads a file's bytes row by row, while others may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import StoreError
from confab_sync.store import chunks
from confab_sync.store.codec import NotAsWritten
from confab_sync.store.failures import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.store.database import Database
    from confab_sync.store.files import FileRow


def stream(database: Database, file: FileRow) -> Iterator[bytes]:
    """The bytes that `file` had when it was looked up, in pieces of at most a row.

    Each row is a read of its own, so that a slow reader holds nothing back: a row that was
    merged meanwhile still begins where it began. Raises `StoreDamaged`, and `StoreError` when
    the session is deleted meanwhile.
    """
    position = 0
    while position < file.bytes:
        with database.read() as connection:
            try:
                piece = chunks.read_at(connection, file.id, position)
            except NotAsWritten as error:
                raise damaged(database.path, f"a chunk at byte {position} {error}") from error
            if piece is None:
                _explain_gap(database, file, position)
                return
        piece = piece[: file.bytes - position]
        position += len(piece)
        yield piece


def _explain_gap(database: Database, file: FileRow, position: int) -> None:
    with database.read() as connection:
        known = connection.execute("SELECT 1 FROM files WHERE id = ?", (file.id,)).fetchone()
    if known:
        raise damaged(database.path, f"no chunk begins at byte {position}")
    raise StoreError("the session was deleted while it was read")
