"""Events are only ever added (contract §3.5)."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import UnknownSession

from .factories import NOW, Clock, chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_each_event_is_a_row_of_its_own_and_changes_nothing_else(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        session_id = new_session(store)
        clock.advance(hours=1)
        for payload in ({"reason": "clear\0"}, {"reason": "clear\0"}, None):
            store.add_event(session_id, "session_end", NOW - timedelta(1), payload)
        assert store.sessions()[0].last_sync_at == NOW
        assert store.append(session_id, chunk(b"later\n")) == 1
    connection = sqlite3.connect(tmp_path / "store.db")
    rows = connection.execute("SELECT type, timestamp, payload FROM events").fetchall()
    connection.close()
    assert {row[:2] for row in rows} == {("session_end", "2026-02-28T12:00:00.000000+00:00")}
    payloads = [row[2] and json.loads(row[2]) for row in rows]
    assert payloads == [{"reason": "clear\0"}, {"reason": "clear\0"}, None]


def test_unknown_session_has_no_events(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, pytest.raises(UnknownSession):
        store.add_event("nothing", "session_end", NOW, None)
