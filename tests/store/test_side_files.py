"""Side files are kept whole, the latest content of each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreDamaged, StoreError, UnknownSession
from confab_sync.store.codec import pack
from confab_sync.store.values import SideFile

from .factories import NOW, Clock, new_session, open_store, tamper

if TYPE_CHECKING:
    from pathlib import Path


def test_side_file_comes_back_as_it_was(tmp_path: Path) -> None:
    data = b"\0\xff\r\nno newline at the end" * 1000
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        assert store.put_side_file(session_id, SideFile("tool-results/x.txt", data, 5))
        assert store.read_side_file(session_id, "tool-results/x.txt") == data
        (listed,) = store.side_files(session_id)
        assert (listed.name, listed.bytes, listed.mtime_ns) == ("tool-results/x.txt", len(data), 5)
        assert listed.updated_at == NOW


def test_empty_side_file_is_a_side_file(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        assert store.put_side_file(session_id, SideFile("x", b"", 1))
        assert store.read_side_file(session_id, "x") == b""
        assert store.check() == []


def test_same_content_again_is_noticed(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        session_id = new_session(store)
        store.put_side_file(session_id, SideFile("x", b"a", 1))
        clock.advance(hours=1)
        assert not store.put_side_file(session_id, SideFile("x", b"a", 1))
        assert not store.put_side_file(session_id, SideFile("x", b"a", 2))
        (listed,) = store.side_files(session_id)
        assert (listed.mtime_ns, listed.updated_at) == (2, NOW)
        assert store.sessions()[0].last_sync_at == NOW


def test_changed_content_replaces_the_old(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        session_id = new_session(store)
        store.put_side_file(session_id, SideFile("x", b"a", 1))
        clock.advance(hours=1)
        assert store.put_side_file(session_id, SideFile("x", b"bb", 1))
        assert store.read_side_file(session_id, "x") == b"bb"
        (listed,) = store.side_files(session_id)
        assert (listed.bytes, listed.updated_at) == (2, NOW + timedelta(hours=1))
        assert store.sessions()[0].last_sync_at == NOW + timedelta(hours=1)


def test_side_files_of_sessions_are_apart_and_listed_by_name(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        one, other = new_session(store, "one"), new_session(store, "other")
        for name in ("b", "a/c", "a"):
            store.put_side_file(one, SideFile(name, name.encode(), 0))
        assert [file.name for file in store.side_files(one)] == ["a", "a/c", "b"]
        assert store.side_files(other) == []


def test_refusals_are_clear(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        with pytest.raises(StoreError, match="file name"):
            store.put_side_file(session_id, SideFile("../x", b"", 0))
        with pytest.raises(UnknownSession):
            store.put_side_file("nothing", SideFile("x", b"", 0))
        with pytest.raises(StoreError, match="no side file 'x'"):
            store.read_side_file(session_id, "x")


def test_damage_is_never_handed_out(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.put_side_file(session_id, SideFile("x", b"a", 1))
    tamper(tmp_path, "UPDATE side_files SET data = ?", pack(b"b"))
    with open_store(tmp_path) as store, pytest.raises(StoreDamaged, match="side file 'x'"):
        store.read_side_file(session_id, "x")
