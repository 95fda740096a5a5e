"""A change is seen whoever made it, and nothing is seen when there was none."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.store.store import Store
from confab_sync.store.values import SessionInfo
from confab_sync.store.watching import StoreWatch

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path) -> Store:
    return Store.open(str(path), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def test_change_by_another_connection_makes_another_mark(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(path) as store:
        watch = StoreWatch(str(path))
        before = watch.mark()
        assert before is not None
        assert watch.mark() == before
        store.open_session(SessionInfo("claude-code", "a", "/t"))
        assert watch.mark() not in (before, None)
        watch.close()


def test_change_by_another_process_makes_another_mark(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(path):
        watch = StoreWatch(str(path))
        before = watch.mark()
        command = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
            "c.execute(\"UPDATE users SET name = 'x'\"); c.commit()"
        )
        subprocess.run([sys.executable, "-c", command, str(path)], check=True)
        assert watch.mark() not in (before, None)
        watch.close()


def test_store_that_is_not_there_yet_has_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    watch = StoreWatch(str(path))
    assert watch.mark() is None
    with opened(path):
        assert watch.mark() is not None
        watch.close()
        watch.close()
