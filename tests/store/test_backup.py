"""A backup is a store of its own, as the store was at one moment."""

from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreDamaged, StoreError, StoreUnavailable
from tests.store.factories import chunk, content, new_session, open_store, tamper

if TYPE_CHECKING:
    from pathlib import Path


def test_the_copy_is_a_store_with_the_same_content(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with open_store(tmp_path) as store:
        session = new_session(store)
        store.append(session, chunk(b"one\ntwo\n"))
        size = store.backup(str(other / "store.db"))
    assert (other / "store.db").stat().st_size == size
    with open_store(other, create=False) as copy:
        assert content(copy, session) == b"one\ntwo\n"
        assert copy.check() == []


def test_the_copy_is_private_and_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.backup(str(tmp_path / "copy.db"))
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]


def test_nothing_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with open_store(tmp_path) as store, pytest.raises(StoreError, match="exists"):
        store.backup(str(tmp_path / "copy.db"))
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, pytest.raises(StoreUnavailable, match="nowhere"):
        store.backup(str(tmp_path / "nowhere" / "copy.db"))


def test_writers_go_on_and_the_copy_is_of_one_moment(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = new_session(store)
        store.append(session, chunk(b"0\n"))
        ended = threading.Event()

        def write() -> None:
            with open_store(tmp_path) as writer:
                number = 1
                while not ended.is_set():
                    line = chunk(b"%d\n" % number, first_line=number + 1, source_end=10 * number)
                    writer.append(session, line)
                    number += 1

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for number in range(5):
                place = tmp_path / str(number)
                place.mkdir()
                store.backup(str(place / "store.db"))
        finally:
            ended.set()
            thread.join()
    for number in range(5):
        with open_store(tmp_path / str(number), create=False) as copy:
            lines = content(copy, session).split(b"\n")[:-1]
            assert lines == [b"%d" % each for each in range(len(lines))]
            assert copy.check() == []


def test_a_store_whose_pages_are_damaged_gives_no_backup(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = new_session(store)
        for number in range(50):
            name = f"f{number}.jsonl"
            store.append(session, chunk(bytes(range(256)) * 300 + b"\n", name=name))
    tamper(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray((tmp_path / "store.db").read_bytes())
    middle = len(data) // 8192 * 4096
    data[middle::4096] = b"\xff" * len(range(middle, len(data), 4096))
    (tmp_path / "store.db").write_bytes(bytes(data))
    with pytest.raises(StoreDamaged), open_store(tmp_path, create=False) as store:
        store.backup(str(tmp_path / "copy.db"))
    assert not (tmp_path / "copy.db").exists()
