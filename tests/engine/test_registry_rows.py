"""Values come out of the tables as they went in."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.engine.known import KnownFile
from confab_sync.engine.position import Evidence, Position
from confab_sync.engine.registry_rows import known_file, put_file, session_row
from confab_sync.engine.registry_schema import MIGRATIONS
from confab_sync.errors import RegistryError

counts = st.integers(0, 2**62)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
files = st.builds(
    KnownFile,
    texts,
    texts,
    st.builds(Position, counts, counts, st.booleans()),
    st.builds(Evidence, counts, st.binary(max_size=16), counts, st.binary(max_size=16)),
    counts,
    counts,
    texts,
)


def tables() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    for step in MIGRATIONS:
        for statement in step:
            connection.execute(statement)
    connection.execute(
        "INSERT INTO sessions (provider, external_id, transcript_path, cwd, first_seen, last_seen)"
        " VALUES ('p', 'id', '', '', '', '')"
    )
    return connection


@given(st.lists(files, min_size=1, max_size=3))
def test_file_comes_back_as_it_was_put_last(versions: list[KnownFile]) -> None:
    with closing(tables()) as connection:
        for version in versions:
            put_file(connection, 1, version)
        rows = connection.execute("SELECT * FROM files").fetchall()
    last = {version.name: version for version in versions}
    assert {row["name"]: known_file(row) for row in rows} == last


def test_unknown_session_has_no_row() -> None:
    with closing(tables()) as connection:
        assert session_row(connection, "p", "id") == 1
        with pytest.raises(RegistryError, match="no session other"):
            session_row(connection, "p", "other")
