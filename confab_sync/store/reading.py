"""Reads a file's bytes row by row, while others may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import UnknownSession
from confab_sync.store import chunks
from confab_sync.store.codec import NotAsWritten
from confab_sync.store.failures import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.errors import StoreError
    from confab_sync.store.database import Database
    from confab_sync.store.files import FileRow


def stream(database: Database, file: FileRow, start: int = 0) -> Iterator[bytes]:
    """The bytes that `file` had when it was looked up, from the byte `start` on, in pieces.

    A piece is at most a row, and each a read of its own, so that a slow reader holds nothing
    back. Raises as `piece` does.
    """
    position = start
    while position < file.bytes:
        found = piece(database, file, position)
        position += len(found)
        yield found


def piece(database: Database, file: FileRow, position: int) -> bytes:
    """The bytes of `file` from `position`, which it has, to the end of their row.

    A row that was merged with what follows meanwhile still begins where it began. Raises
    `StoreDamaged`, and `UnknownSession` when the session is deleted meanwhile.
    """
    with database.read() as connection:
        try:
            found = chunks.read_around(connection, file.id, position)
        except NotAsWritten as error:
            raise damaged(database.path, f"a chunk at byte {position} {error}") from error
    if found is None:
        raise _explained_gap(database, file, position)
    return found[: file.bytes - position]


def start_of_line(database: Database, file: FileRow, line: int) -> int:
    """The byte at which a line (1-based) of `file` begins; its end for a line it does not have.

    Raises as `piece` does.
    """
    if line <= 1:
        return 0
    with database.read() as connection:
        start = chunks.start_of_row_with_newline(connection, file.id, line - 1)
    if start is None:
        return file.bytes
    row_start, missing = start
    position = -1
    found = piece(database, file, row_start)
    for _ in range(missing):
        position = found.find(b"\n", position + 1)
        if position < 0:
            return file.bytes
    return row_start + position + 1


def _explained_gap(database: Database, file: FileRow, position: int) -> StoreError:
    with database.read() as connection:
        known = connection.execute("SELECT 1 FROM files WHERE id = ?", (file.id,)).fetchone()
    if known:
        return damaged(database.path, f"no chunk begins at byte {position}")
    return UnknownSession("the session was deleted while it was read")
