"""The rows that hold a file's bytes: appended to, and read back in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from confab_sync.store.codec import Packed, unpack

if TYPE_CHECKING:
    import sqlite3


class Row(NamedTuple):
    """Where a row's bytes lie in its file, and which lines end in it."""

    start: int
    size: int
    first_line: int
    newlines: int


ROW_BYTES = 1024 * 1024
"""No row holds more (before compression), so that reading needs little memory."""

MERGE_BELOW = 64 * 1024
"""A last row shorter than this is written again together with what follows, so that a session
of one line a second leaves few rows, and rows that compress well."""


def append(
    connection: sqlite3.Connection,
    file_id: int,
    end: int,
    newlines: int,
    data: bytes,
    *,
    packed: Packed | None = None,
    row_bytes: int = ROW_BYTES,
    merge_below: int = MERGE_BELOW,
) -> None:
    """Add `data` to a file that has `end` bytes, `newlines` of them newlines.

    `packed` is what was packed in advance: used where it is a row as it stands.
    Raises `NotAsWritten` when the last row, if it is one to merge with, is damaged.
    """
    start, first_line = end, newlines + 1
    last = connection.execute(
        "SELECT id, start, first_line, size FROM chunks WHERE file_id = ?"
        " ORDER BY start DESC LIMIT 1",
        (file_id,),
    ).fetchone()
    if last is not None and last["size"] < merge_below:
        start, first_line = last["start"], last["first_line"]
        row = connection.execute("SELECT * FROM chunks WHERE id = ?", (last["id"],)).fetchone()
        data = unpack(row["data"], row["size"], row["digest"]) + data
    for offset in range(0, len(data), row_bytes):
        raw = data if len(data) <= row_bytes else data[offset : offset + row_bytes]
        ended = raw.count(b"\n")
        kept = packed if packed is not None and packed.raw is raw else Packed.of(raw)
        connection.execute(
            "INSERT OR REPLACE INTO chunks"
            " (file_id, start, size, first_line, newlines, digest, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (file_id, start + offset, len(raw), first_line, ended, kept.digest, kept.data),
        )
        first_line += ended


def read_around(connection: sqlite3.Connection, file_id: int, position: int) -> bytes | None:
    """The bytes from `position` to the end of the row they lie in; `None` when no row has them.

    Raises `NotAsWritten` when the row is damaged.
    """
    row = connection.execute(
        "SELECT start, size, digest, data FROM chunks WHERE file_id = ? AND start <= ?"
        " ORDER BY start DESC LIMIT 1",
        (file_id, position),
    ).fetchone()
    if row is None or position >= row["start"] + row["size"]:
        return None
    return unpack(row["data"], row["size"], row["digest"])[position - row["start"] :]


def start_of_row_with_newline(
    connection: sqlite3.Connection, file_id: int, number: int
) -> tuple[int, int] | None:
    """Where the row begins in which the file's newline `number` (1-based) lies.

    Also which newline of that row it is (1-based). `None` when the file has fewer.
    """
    row = connection.execute(
        "SELECT start, first_line FROM chunks WHERE file_id = :file AND first_line <= :number"
        " AND first_line + newlines > :number ORDER BY start LIMIT 1",
        {"file": file_id, "number": number},
    ).fetchone()
    return None if row is None else (row["start"], number - row["first_line"] + 1)


def rows(connection: sqlite3.Connection, file_id: int) -> list[Row]:
    """The rows of a file in their order, without what they hold."""
    found = connection.execute(
        "SELECT start, size, first_line, newlines FROM chunks WHERE file_id = ? ORDER BY start",
        (file_id,),
    )
    return [Row(*row) for row in found]
