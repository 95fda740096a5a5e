"""Older stores are brought up to date, newer and foreign ones left alone."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreDamaged, StoreTooNew
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.schema import MIGRATIONS

from .factories import chunk, content, new_session, open_store, tamper

if TYPE_CHECKING:
    from pathlib import Path

NEXT = DatabaseOptions(
    migrations=(*MIGRATIONS, ("ALTER TABLE sessions ADD COLUMN colour TEXT DEFAULT 'red'",))
)


def ask(directory: Path, statement: str) -> object:
    connection = sqlite3.connect(directory / "store.db")
    answer = connection.execute(statement).fetchone()[0]
    connection.close()
    return answer


def test_new_store_has_the_latest_version_and_can_shrink(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    assert ask(tmp_path, "PRAGMA user_version") == len(MIGRATIONS)
    assert ask(tmp_path, "PRAGMA application_id") == 0x636F6E66
    assert ask(tmp_path, "PRAGMA auto_vacuum") == 2


def test_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with open_store(tmp_path) as store:
        new_session(store)
    assert ask(tmp_path, "PRAGMA auto_vacuum") == 2


def test_older_store_is_brought_up_to_date_and_keeps_its_content(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n"))
    with open_store(tmp_path, options=NEXT) as store:
        assert content(store, session_id) == b"1\n"
    assert ask(tmp_path, "SELECT colour FROM sessions") == "red"
    assert ask(tmp_path, "PRAGMA user_version") == len(MIGRATIONS) + 1


def test_older_store_is_brought_up_to_date_while_it_is_open_elsewhere(tmp_path: Path) -> None:
    with open_store(tmp_path) as old, open_store(tmp_path, options=NEXT) as new:
        session_id = new_session(old)
        assert new_session(new) == session_id


def test_step_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store)
    steps = (*MIGRATIONS, ("CREATE TABLE colours (x)", "INSERT INTO nowhere VALUES (1)"))
    with pytest.raises(StoreDamaged, match="nowhere"):
        open_store(tmp_path, options=DatabaseOptions(migrations=steps))
    assert ask(tmp_path, "PRAGMA user_version") == len(MIGRATIONS)
    assert ask(tmp_path, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'colours'") == 0
    open_store(tmp_path).close()


def test_newer_store_is_left_alone(tmp_path: Path) -> None:
    open_store(tmp_path, options=NEXT).close()
    with pytest.raises(StoreTooNew, match="upgrade confab"):
        open_store(tmp_path)
    assert ask(tmp_path, "PRAGMA user_version") == len(MIGRATIONS) + 1


@pytest.mark.parametrize("statement", ["CREATE TABLE t (x)", "PRAGMA user_version = 1"])
def test_database_of_another_program_is_left_alone(tmp_path: Path, statement: str) -> None:
    tamper(tmp_path, statement)
    with pytest.raises(StoreDamaged, match=r"another program's database.*confab store check"):
        open_store(tmp_path)
    assert ask(tmp_path, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sessions'") == 0
