"""A file that begins again keeps what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import NotContiguous, StoreError, UnknownSession
from confab_sync.store.values import FilePosition, SessionInfo

from .factories import NOW, chunk, content, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_restart_begins_at_the_first_line_and_keeps_the_old_generation(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n2", source_end=9))
        begun = FilePosition(0, 0, False, 2, "transcript")
        assert store.restart_file(session_id, "abc.jsonl") == begun
        assert store.open_session(SessionInfo("claude-code", "abc", "/t")).files == {
            "abc.jsonl": begun
        }
        assert content(store, session_id) == b""
        with pytest.raises(NotContiguous, match="must be 1"):
            store.append(session_id, chunk(b"3\n", first_line=3))
        store.append(session_id, chunk(b"new\n"))
        assert content(store, session_id) == b"new\n"
        assert b"".join(store.read_file(session_id, "abc.jsonl", 1)) == b"1\n2"
        assert b"".join(store.read_file(session_id, "abc.jsonl", 2)) == b"new\n"
        assert store.check() == []


def test_restart_repeated_before_anything_arrived_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n"))
        first = store.restart_file(session_id, "abc.jsonl")
        assert store.restart_file(session_id, "abc.jsonl") == first


def test_only_a_known_file_can_begin_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        with pytest.raises(StoreError, match="no file 'x'"):
            store.restart_file(session_id, "x")
        with pytest.raises(UnknownSession):
            store.restart_file("nothing", "x")


def test_files_are_listed_by_type_descending_and_name_ascending(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for name, file_type in [
            ("agent-b", "agent"),
            ("journal", "workflow_journal"),
            ("agent-a", "agent"),
            ("main", "transcript"),
        ]:
            store.append(session_id, chunk(b"1\n2", name=name, file_type=file_type))
        listed = store.files(session_id)
        assert [file.name for file in listed] == ["journal", "main", "agent-a", "agent-b"]
        assert {(f.lines, f.bytes, f.generation, f.updated_at) for f in listed} == {(2, 3, 1, NOW)}


def test_unknown_file_and_generation_are_told_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n"))
        with pytest.raises(StoreError, match="no file 'x'"):
            store.read_file(session_id, "x")
        with pytest.raises(StoreError, match="generation 2"):
            store.read_file(session_id, "abc.jsonl", 2)
        with pytest.raises(UnknownSession):
            store.files("nothing")
