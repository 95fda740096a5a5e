"""What a list is made of agrees with what is stored, and costs the same in any session."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.store import files, sessions
from confab_sync.store.schema import MIGRATIONS, OWNER, migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

from .factories import NOW

COUNTED = "SELECT files, lines, bytes, masked FROM listed"
RECKONED = (
    "SELECT COUNT(*), COALESCE(SUM(lines), 0), COALESCE(SUM(bytes), 0), COALESCE(SUM(masked), 0)"
    " FROM newest_files"
)


def a_session(steps: Sequence[Sequence[str]] = MIGRATIONS) -> sqlite3.Connection:
    """A database in memory with one session."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrate(connection, steps)
    connection.execute(
        "INSERT INTO sessions (id, uuid, user_id, provider, external_id, transcript_path,"
        " first_seen, last_sync_at) VALUES (1, 'u', 1, 'p', 'e', '', '', '')"
    )
    return connection


def add(connection: sqlite3.Connection, name: str) -> None:
    """The file's next generation, with something in it."""
    session = sessions.row_of(connection, "u", OWNER)
    before = files.find(connection, session, name)
    number = before.position.generation + 1 if before else 1
    row = files.create(connection, session, name, "agent", number, NOW).id
    connection.execute("UPDATE files SET lines = lines + 2, bytes = bytes + 9 WHERE id = ?", (row,))


def steps_to_add(connection: sqlite3.Connection, name: str) -> int:
    """How many steps SQLite's machine takes for it."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection.set_progress_handler(count, 1)
    add(connection, name)
    connection.set_progress_handler(None, 1)
    return taken


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_files_and_generations_are_counted_as_they_are_stored(names: list[str]) -> None:
    connection = a_session()
    for name in names:
        add(connection, name)
    assert tuple(connection.execute(COUNTED).fetchone()) == tuple(
        connection.execute(RECKONED).fetchone()
    )


@pytest.mark.parametrize("is_upgraded", [False, True])
def test_new_file_costs_the_same_however_many_there_are(is_upgraded: bool) -> None:
    connection = a_session(MIGRATIONS[:3] if is_upgraded else MIGRATIONS)
    migrate(connection, MIGRATIONS)
    add(connection, "first")
    few = steps_to_add(connection, "second")
    for number in range(500):
        add(connection, f"agent-{number}")
    assert steps_to_add(connection, "last") <= 1.2 * few
