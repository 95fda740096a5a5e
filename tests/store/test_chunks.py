"""The rows of a file are few, small, and give back its bytes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.store import chunks
from confab_sync.store.codec import Packed, digest
from confab_sync.store.schema import migrate

from .factories import chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def a_file() -> sqlite3.Connection:
    """A database in memory with one session and in it the file 1."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    connection.execute(
        "INSERT INTO sessions (id, uuid, user_id, provider, external_id, transcript_path,"
        " first_seen, last_sync_at) VALUES (1, 'u', 1, 'p', 'e', '', '', '')"
    )
    connection.execute(
        "INSERT INTO files (id, session_id, name, generation, type, updated_at)"
        " VALUES (1, 1, 'n', 1, 't', '')"
    )
    return connection


def rows(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    return connection.execute("SELECT * FROM chunks ORDER BY start").fetchall()


@settings(deadline=None)
@given(
    st.lists(st.text("a\n", min_size=1, max_size=40).map(str.encode), max_size=12),
    st.integers(1, 15),
    st.integers(0, 15),
)
def test_rows_join_to_the_bytes_and_count_their_lines(
    parts: list[bytes], row_bytes: int, merge_below: int
) -> None:
    connection, stored = a_file(), b""
    for part in parts:
        chunks.append(
            connection, 1, len(stored), stored.count(b"\n"), part,
            row_bytes=row_bytes, merge_below=min(merge_below, row_bytes),
        )  # fmt: skip
        stored += part
    found = b""
    for row in rows(connection):
        assert row["start"] == len(found)
        assert row["first_line"] == 1 + found.count(b"\n")
        raw = chunks.read_around(connection, 1, row["start"])
        assert raw is not None
        assert 0 < len(raw) == row["size"] <= row_bytes
        assert raw.count(b"\n") == row["newlines"]
        found += raw
    assert found == stored
    assert chunks.read_around(connection, 1, len(stored)) is None
    connection.close()


def test_a_live_session_of_one_line_at_a_time_leaves_few_rows(tmp_path: Path) -> None:
    line = b'{"type":"user","text":"' + b"abcdefgh" * 60 + b'"}\n'
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for number in range(300):
            store.append(
                session_id,
                chunk(line, first_line=number + 1, source_end=len(line) * (number + 1)),
            )
    connection = sqlite3.connect(tmp_path / "store.db")
    sizes = [row[0] for row in connection.execute("SELECT size FROM chunks ORDER BY start")]
    connection.close()
    assert sum(sizes) == 300 * len(line)
    assert len(sizes) == 3
    assert min(sizes[:-1]) >= chunks.MERGE_BELOW


def test_row_that_was_packed_in_advance_is_kept_as_it_is() -> None:
    connection, data = a_file(), b"line\n" * 20_000
    packed = Packed(data, digest(data), zstandard.ZstdCompressor(level=1).compress(data))
    chunks.append(connection, 1, 0, 0, data, packed=packed)
    (row,) = rows(connection)
    assert row["data"] == packed.data
    assert chunks.read_around(connection, 1, 0) == data


def test_row_that_was_packed_in_advance_is_packed_again_where_it_is_not_the_row() -> None:
    connection, first, second = a_file(), b"short\n", b"line\n" * 20_000
    chunks.append(connection, 1, 0, 0, first)
    chunks.append(connection, 1, len(first), 1, second, packed=Packed.of(second))
    (row,) = rows(connection)  # merged
    assert chunks.read_around(connection, 1, 0) == first + second
    assert (row["size"], row["newlines"]) == (len(first + second), 20_001)


def test_nothing_but_the_bytes_that_were_packed_is_stored_for_them() -> None:
    connection, data = a_file(), b"line\n" * 20_000
    chunks.append(connection, 1, 0, 0, data, packed=Packed.of(b"other\n"))
    assert chunks.read_around(connection, 1, 0) == data
