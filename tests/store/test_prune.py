"""Old sessions go and give their space back."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync.store.values import Pruned, SideFile

from .factories import NOW, Clock, chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path

BULK = os.urandom(3_000_000).replace(b"\n", b"") + b"\n"


def test_only_sessions_without_recent_activity_go(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        old = new_session(store, "old")
        revived = new_session(store, "revived")
        clock.advance(days=10)
        store.append(revived, chunk(b"1\n"))
        new_session(store, "new")
        pruned = store.prune(NOW + timedelta(days=5))
        assert pruned.session_ids == (old,)
        assert {s.external_id for s in store.sessions()} == {"revived", "new"}
        assert store.check() == []


def test_activity_at_the_limit_is_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store)
        assert store.prune(NOW) == Pruned((), 0)
        assert len(store.prune(NOW + timedelta(microseconds=1)).session_ids) == 1


def test_dry_run_says_the_same_and_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(BULK))
        store.put_side_file(session_id, SideFile("x", BULK, 0))
        later = NOW + timedelta(days=1)
        told = store.prune(later, dry_run=True)
        assert len(store.sessions()) == 1
        assert store.prune(later) == told
        assert told.session_ids == (session_id,)
        assert told.freed_bytes >= 2 * len(BULK)
        assert store.sessions() == []


def test_space_is_given_back(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        empty = store.size().disk_bytes
        store.append(session_id, chunk(BULK))
        assert store.size().disk_bytes > empty + len(BULK)
        store.prune(NOW + timedelta(days=1))
        assert store.size().disk_bytes < empty + 200_000


def test_space_of_a_deleted_session_is_given_back_while_others_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, open_store(tmp_path) as other:
        session_id = new_session(store)
        store.append(session_id, chunk(BULK))
        reading = other.read_file(session_id, "abc.jsonl")
        next(reading)
        store.delete_session(session_id)
        assert os.path.getsize(tmp_path / "store.db") < 200_000


def test_size_counts_all_generations_and_side_files(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1234\n"))
        store.restart_file(session_id, "abc.jsonl")
        store.append(session_id, chunk(b"12\n"))
        store.put_side_file(session_id, SideFile("x", b"1", 0))
        size = store.size()
        assert (size.raw_bytes, size.sessions, size.files, size.side_files) == (9, 1, 1, 1)
        on_disk = sum(
            os.path.getsize(tmp_path / name) for name in os.listdir(tmp_path) if "store" in name
        )
        assert size.disk_bytes == on_disk
