"""What can be worked out again is begun anew when it is damaged, and nothing else is removed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreDamaged, StoreUnavailable
from confab_sync.store.index import SearchIndex
from tests.store.factories import chunk, new_session, open_store
from tests.store.test_index import every_line, where

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.store.store import Store


def found(directory: Path, store: Store) -> list[tuple[str, int]]:
    """Where a word is after the index was brought up to date."""
    with closing(SearchIndex(str(directory / "i.db"))) as index:
        assert index.update(store, every_line)
        return where(index, store, "two")


@pytest.mark.parametrize("damage", ["cut", "zeros", "text", "empty", "table"])
def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "i.db"
    with open_store(tmp_path) as store:
        store.append(new_session(store), chunk(b"one\ntwo\n"))
        assert found(tmp_path, store) == [("abc.jsonl", 2)]
        whole = file.read_bytes()
        page = int.from_bytes(whole[16:18], "big")
        file.write_bytes(
            {
                "cut": whole[: page + 100],
                "zeros": bytes(len(whole)),
                "text": b"this is no database at all\n" * 100,
                "empty": b"",
                "table": whole[:page] + b"\xff" * (len(whole) - page),
            }[damage]
        )
        for _ in range(2):
            try:
                again = found(tmp_path, store)
            except StoreUnavailable:  # seen in the middle of the work: the next has a new one
                continue
            break
        assert again == [("abc.jsonl", 2)]
        assert found(tmp_path, store) == again


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "i.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE precious (a)")
        other.commit()
    before = file.read_bytes()
    with pytest.raises(StoreDamaged, match="another program"):
        SearchIndex(str(file))
    assert file.read_bytes() == before


def test_damage_of_the_store_does_not_cost_the_index(tmp_path: Path) -> None:
    file = tmp_path / "i.db"

    def fails(kind: str, lines: object, first: int) -> object:
        raise StoreDamaged("the store is damaged", str(tmp_path / "store.db"))

    with open_store(tmp_path) as store:
        session = new_session(store)
        store.append(session, chunk(b"one\ntwo\n"))
        assert found(tmp_path, store) == [("abc.jsonl", 2)]
        inode = file.stat().st_ino
        store.append(session, chunk(b"three\n", first_line=3, source_end=14))
        with closing(SearchIndex(str(file))) as index, pytest.raises(StoreDamaged):
            index.update(store, fails)  # type: ignore[arg-type]
        assert file.stat().st_ino == inode
        assert found(tmp_path, store) == [("abc.jsonl", 2)]


def test_who_has_the_old_index_open_is_told_that_there_is_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "i.db"
    with open_store(tmp_path) as store:
        store.append(new_session(store), chunk(b"one\ntwo\n"))
        with closing(SearchIndex(str(file))) as old:
            assert old.is_current
            for each in tmp_path.glob("i.db*"):
                each.unlink()
            assert found(tmp_path, store) == [("abc.jsonl", 2)]
            assert not old.is_current
            with pytest.raises(StoreUnavailable, match="anew"):
                where(old, store, "two")
        assert found(tmp_path, store) == [("abc.jsonl", 2)]
