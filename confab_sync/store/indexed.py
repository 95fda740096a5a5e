"""What the search index has of each file: how far it is taken in, and the passages in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import zstandard

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from confab_sync.store.values import FileExtent

    Key = tuple[str, str]
    """A session's id, and the name of one of its files."""


class Passage(NamedTuple):
    """A text in a file: the line (1-based) it is in, who said it, when (RFC 3339)."""

    line: int
    role: str
    moment: str | None
    text: str


class Indexed(NamedTuple):
    """How far a file is indexed; `is_open` says that its last line had no newline yet.

    `id` is its row, 0 while it has none.
    """

    generation: int
    lines: int = 0
    bytes: int = 0
    is_open: bool = False
    id: int = 0

    def goes_on(self, extent: FileExtent) -> bool:
        """Whether the file is still the one that was indexed, or has grown."""
        return extent.generation == self.generation and extent.bytes >= self.bytes


def is_behind(extent: FileExtent, row: Indexed | None) -> bool:
    """Whether the index has not all of a file, or has what is not in it any more."""
    if row is None:
        return extent.bytes > 0
    return not row.goes_on(extent) or extent.bytes > row.bytes


def missing(extent: FileExtent, row: Indexed | None) -> int:
    """How many bytes of a file the index has not."""
    return extent.bytes - (row.bytes if row is not None and row.goes_on(extent) else 0)


def indexed_files(connection: sqlite3.Connection) -> dict[Key, Indexed]:
    """How far each file is indexed."""
    rows = connection.execute("SELECT * FROM files").fetchall()
    return {
        (row["session"], row["name"]): Indexed(
            row["generation"], row["lines"], row["bytes"], bool(row["is_open"]), row["id"]
        )
        for row in rows
    }


def drop_file(connection: sqlite3.Connection, file: int) -> None:
    """Remove a file and the words of its passages."""
    from confab_sync.store import words  # many have an index open for its facts alone

    rows = connection.execute("SELECT id, text FROM passages WHERE file = ?", (file,))
    passages = rows.fetchall()
    for row, text in zip(passages, unpacked(passages), strict=True):
        connection.execute(
            "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)",
            (row["id"], words.indexed(text)),
        )
    connection.execute("DELETE FROM passages WHERE file = ?", (file,))
    connection.execute("DELETE FROM files WHERE id = ?", (file,))


def put_passages(
    connection: sqlite3.Connection, extent: FileExtent, row: Indexed, passages: Iterable[Passage]
) -> Indexed:
    """Add passages of a file, which is indexed as far as `row` says then; returns its row."""
    now = row._replace(id=row.id or _insert_file(connection, extent))
    _insert(connection, now.id, passages)
    connection.execute(
        "UPDATE files SET lines = ?, bytes = ?, is_open = ? WHERE id = ?",
        (now.lines, now.bytes, now.is_open, now.id),
    )
    return now


def _insert_file(connection: sqlite3.Connection, extent: FileExtent) -> int:
    cursor = connection.execute(
        "INSERT INTO files (session, name, generation) VALUES (?, ?, ?)",
        (extent.session_id, extent.name, extent.generation),
    )
    assert cursor.lastrowid is not None  # noqa: S101 - an INSERT that worked has one
    return cursor.lastrowid


def _insert(connection: sqlite3.Connection, file: int, passages: Iterable[Passage]) -> None:
    from confab_sync.store import words  # as in `drop_file`

    packer = zstandard.ZstdCompressor()  # made once, as in `unpacked`
    for passage in passages:
        packed = packer.compress(passage.text.encode("utf-8", "surrogatepass"))
        cursor = connection.execute(
            "INSERT INTO passages (file, line, role, moment, text) VALUES (?, ?, ?, ?, ?)",
            (file, passage.line, passage.role, passage.moment, packed),
        )
        connection.execute(
            "INSERT INTO words (rowid, text) VALUES (?, ?)",
            (cursor.lastrowid, words.indexed(passage.text)),
        )


def unpacked(rows: Iterable[sqlite3.Row]) -> Iterator[str]:
    """The texts of passages; what unpacks them all takes longer to make than to unpack one."""
    unpacker = zstandard.ZstdDecompressor()
    for row in rows:
        yield unpacker.decompress(row["text"]).decode("utf-8", "surrogatepass")
