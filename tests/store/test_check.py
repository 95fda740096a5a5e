"""The check finds whatever is not as it was written, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.store.codec import pack
from confab_sync.store.values import SideFile

from .factories import chunk, new_session, open_store, tamper

if TYPE_CHECKING:
    from pathlib import Path

BIG = b"x" * (1024 * 1024 - 1) + b"\n"


def fill(directory: Path) -> None:
    with open_store(directory) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(BIG + b"old\n"))
        store.restart_file(session_id, "abc.jsonl")
        store.append(session_id, chunk(b"1\n2\n3"))
        store.restart_file(session_id, "abc.jsonl")
        store.put_side_file(session_id, SideFile("side", b"content", 1))
        store.add_event(session_id, "session_end", store.sessions()[0].first_seen, None)


def test_sound_store_has_no_problems(tmp_path: Path) -> None:
    fill(tmp_path)
    with open_store(tmp_path) as store:
        assert store.check() == []


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("UPDATE chunks SET data = x'28B52FFD' WHERE start > 0", "byte 1048576", "decompressed"),
        ("UPDATE chunks SET digest = x'00' WHERE start > 0", "byte 1048576", "digest"),
        ("UPDATE chunks SET size = 5 WHERE start > 0", "byte 1048576", "instead of 5"),
        ("UPDATE chunks SET newlines = 7 WHERE size = 5", "generation 2, byte 0", "newlines"),
        ("UPDATE chunks SET start = start + 1 WHERE start > 0", "byte 1048577", "does not follow"),
        ("UPDATE chunks SET first_line = 9 WHERE start > 0", "byte 1048576", "does not follow"),
        ("DELETE FROM chunks WHERE start > 0", "'abc.jsonl'", "instead of 2 and 1048580"),
        ("DELETE FROM chunks WHERE start = 0 AND size > 5", "byte 1048576", "does not follow"),
        ("UPDATE files SET lines = 9 WHERE generation = 3", "generation 3", "instead of 9 and 0"),
        ("UPDATE files SET bytes = 9 WHERE generation = 3", "generation 3", "instead of 0 and 9"),
        ("UPDATE files SET open_end = 1 WHERE generation = 1", "'abc.jsonl'", "newline"),
        ("UPDATE files SET open_end = 0 WHERE generation = 2", "generation 2", "newline"),
        ("UPDATE side_files SET digest = x'00'", "side file 'side'", "digest"),
        ("UPDATE side_files SET size = 1", "side file 'side'", "instead of 1"),
        ("UPDATE events SET session_id = 99", "table events, row 1", "sessions"),
        ("UPDATE files SET session_id = 99 WHERE generation = 1", "table files", "sessions"),
        ("UPDATE listed SET bytes = bytes + 1", "session 00000000", "not listed"),
        ("DELETE FROM listed", "session 00000000", "not listed"),
        ("DROP TABLE side_files", "database", "no such table"),
    ],
)
def test_each_kind_of_damage_is_found(
    tmp_path: Path, statement: str, where: str, what: str
) -> None:
    fill(tmp_path)
    tamper(tmp_path, statement)
    with open_store(tmp_path) as store:
        problems = store.check()
    assert any(where in problem.where and what in problem.what for problem in problems), problems


def test_swapped_content_is_found(tmp_path: Path) -> None:
    fill(tmp_path)
    tamper(tmp_path, "UPDATE chunks SET data = ? WHERE size = 5", pack(b"1\n2\n4"))
    with open_store(tmp_path) as store:
        (problem,) = store.check()
    assert problem.what == "has another digest than when it was written"


def test_page_overwritten_on_disk_is_found(tmp_path: Path) -> None:
    fill(tmp_path)
    path = tmp_path / "store.db"
    with path.open("r+b") as file:
        file.seek(6 * 4096)
        file.write(b"\xa5" * 4096 * 2)
    with open_store(tmp_path) as store:
        assert any(problem.where == "database" for problem in store.check())
