"""The database is private, safe where it lies, and says what stands in its way."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreDamaged, StoreError, StoreUnavailable
from confab_sync.store.database import Database, DatabaseOptions

from .factories import chunk, content, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path

IMPATIENT = DatabaseOptions(timeout=0)


def journal_mode(directory: Path) -> object:
    connection = sqlite3.connect(directory / "store.db")
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return mode


def modes(directory: Path) -> dict[str, int]:
    return {name: (directory / name).stat().st_mode & 0o777 for name in os.listdir(directory)}


def test_directory_and_files_are_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with open_store(tmp_path / "a" / "b") as store:
            new_session(store)
            assert modes(tmp_path / "a") == {"b": 0o700}
            assert modes(tmp_path / "a" / "b") == dict.fromkeys(
                ["store.db", "store.db-wal", "store.db-shm", "store.db.lock"], 0o600
            )
    finally:
        os.umask(old)


def test_wider_modes_are_tightened(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store)
        for name in modes(tmp_path):
            (tmp_path / name).chmod(0o666)
        tmp_path.chmod(0o755)
        with open_store(tmp_path):
            assert set(modes(tmp_path).values()) == {0o600}
            assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_write_ahead_log_is_used_on_a_local_disk_only(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    open_store(here, options=DatabaseOptions(on_local_disk=lambda _: True)).close()
    open_store(there, options=DatabaseOptions(on_local_disk=lambda _: False)).close()
    assert (journal_mode(here), journal_mode(there)) == ("wal", "delete")


def test_store_moved_to_a_network_disk_leaves_the_write_ahead_log(tmp_path: Path) -> None:
    network = DatabaseOptions(on_local_disk=lambda _: False)
    with open_store(tmp_path, options=DatabaseOptions(on_local_disk=lambda _: True)) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n"))
    with open_store(tmp_path, options=network) as store:
        assert content(store, session_id) == b"1\n"
        store.append(session_id, chunk(b"2\n", first_line=2, source_end=4))
        assert store.check() == []
    assert journal_mode(tmp_path) == "delete"


def test_store_on_a_network_disk_is_not_used_while_its_log_is(tmp_path: Path) -> None:
    network = DatabaseOptions(timeout=0, on_local_disk=lambda _: False)
    with open_store(tmp_path, options=DatabaseOptions(on_local_disk=lambda _: True)) as store:
        new_session(store)
        with pytest.raises(StoreUnavailable):
            open_store(tmp_path, options=network)


def test_rollback_journal_lets_several_write_and_read(tmp_path: Path) -> None:
    network = DatabaseOptions(on_local_disk=lambda _: False)
    with open_store(tmp_path, options=network) as one, open_store(tmp_path, options=network) as two:
        session_id = new_session(one)
        one.append(session_id, chunk(b"1\n"))
        two.append(session_id, chunk(b"2\n", first_line=2, source_end=4))
        assert content(one, session_id) == b"1\n2\n"


def test_store_is_readable_while_another_is_in_the_middle_of_writing(tmp_path: Path) -> None:
    with open_store(tmp_path) as writer:
        session_id = new_session(writer)
        writer.append(session_id, chunk(b"1\n"))
        with open_store(tmp_path, options=IMPATIENT) as reader, writer._database.write() as inside:
            inside.execute("DELETE FROM sessions")
            assert content(reader, session_id) == b"1\n"
            assert reader.check() == []
            with pytest.raises(StoreUnavailable, match="busy"):
                new_session(reader)


def test_another_program_that_locks_the_database_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path, options=IMPATIENT) as store:
        stranger = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another program is using it"):
            new_session(store)
        stranger.execute("ROLLBACK")
        stranger.close()
        new_session(store)


def test_commits_reach_the_disk_and_references_are_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store._database.read() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "fullfsync", "foreign_keys")
        }
    assert settings == {"synchronous": 2, "fullfsync": 1, "foreign_keys": 1}


@pytest.mark.parametrize(("is_local", "level"), [(True, 1), (False, 2)])
def test_what_can_be_made_anew_does_not_wait_for_the_disk_where_that_is_safe(
    tmp_path: Path, is_local: bool, level: int
) -> None:
    options = DatabaseOptions(is_durable=False, on_local_disk=lambda _: is_local)
    with (
        closing(Database(str(tmp_path / "x.db"), create=True, options=options)) as database,
        database.read() as connection,
    ):
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == level


def test_missing_store_is_not_created_by_looking(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="there is no store"):
        open_store(tmp_path / "x", create=False)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("junk", [b"not a database, but long enough to be read as one" * 30, b"x"])
def test_file_that_is_no_database_is_left_alone(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "store.db").write_bytes(junk)
    with pytest.raises(StoreDamaged, match=r"store\.db is damaged.*restore it from a backup"):
        open_store(tmp_path)
    assert (tmp_path / "store.db").read_bytes() == junk


def test_truncated_database_is_damaged(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store)
    path = tmp_path / "store.db"
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(StoreDamaged), open_store(tmp_path) as store:
        new_session(store)


def test_path_that_cannot_be_a_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_store(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="Not a directory"):
        open_store(tmp_path / "file" / "x")


def test_full_disk_is_told_and_undone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        with store._database.read() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreUnavailable, match="disk is full"):
            store.append(session_id, chunk(os.urandom(100_000).replace(b"\n", b"") + b"\n"))
        assert store.files(session_id) == []
        assert store.append(session_id, chunk(b"1\n")) == 1
        assert store.check() == []


def test_link_to_a_store_is_the_same_store(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    with open_store(real) as store:
        session_id = new_session(store)
        link.mkdir()
        (link / "store.db").symlink_to(real / "store.db")
        with open_store(link, options=IMPATIENT) as other:
            assert other.append(session_id, chunk(b"1\n")) == 1
            with store._database.write(), pytest.raises(StoreUnavailable, match="busy"):
                new_session(other)
    assert os.listdir(link) == ["store.db"]


def test_odd_characters_in_the_path_are_taken_literally(tmp_path: Path) -> None:
    directory = tmp_path / "a b?mode=memory#%41 ü"
    with open_store(directory) as store:
        new_session(store)
    assert (directory / "store.db").stat().st_size > 0


def test_closed_store_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        new_session(store)
    with pytest.raises(StoreError, match="closed"):
        store.sessions()


def test_failed_opening_leaves_no_descriptor(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"junk" * 2000)
    before = os.listdir("/dev/fd")
    with pytest.raises(StoreDamaged):
        open_store(tmp_path)
    assert len(os.listdir("/dev/fd")) == len(before)
