"""A damaged registry: lines are archived all the same, and another one takes its place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from integration.home import Home
from integration.session import Session
from integration.waiting import until

PAGE = 4096
RUBBISH = b"this is no page of a database. " * 133


def registry_of(home: Home) -> Path:
    return home.path / ".confab" / "registry.db"


def moved_aside(home: Home) -> list[Path]:
    """The damaged registries, their journals not counted."""
    found = registry_of(home).parent.glob("registry.db.damaged-*")
    return [path for path in found if not path.name.endswith(("-wal", "-shm", "-journal"))]


def spoil(registry: Path) -> None:
    """Write over all pages but the first, so that the file can be opened and not be used."""
    with closing(sqlite3.connect(registry)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = registry.stat().st_size // PAGE - 1
    assert pages > 2
    with registry.open("r+b") as file:
        file.seek(PAGE)
        file.write(RUBBISH[:PAGE] * pages)


def test_a_registry_that_is_none_makes_place_for_another(session: Session) -> None:
    registry_of(session.home).write_bytes(RUBBISH)
    session.begin()
    (aside,) = moved_aside(session.home)
    assert aside.read_bytes() == RUBBISH
    told = session.home.confab("sync", "status").stdout
    assert str(aside) in told
    session.end()
    session.until_gone()
    session.assert_archived()
    assert knows(registry_of(session.home), session.id)


def test_a_registry_that_is_spoiled_under_a_daemon_makes_place_for_another(
    new_session: Callable[..., Session],
) -> None:
    earlier, session = new_session(), new_session(CONFAB_REST_AFTER_MS="50")
    earlier.begin()
    earlier.end()
    earlier.until_gone()
    session.begin()
    pid = session.daemon_pid
    session.until_phase("resting")
    spoil(registry_of(session.home))
    session.write()
    until(lambda: moved_aside(session.home), "the damaged registry is moved aside")
    session.until_archived(10)
    assert session.daemon_pid == pid
    session.end()
    session.until_gone()
    session.assert_archived()
    for one in (session, earlier):
        until(
            lambda one=one: knows(registry_of(session.home), one.id),  # type: ignore[misc]
            "the new registry knows the sessions",
        )
    session.home.until_no_process_is_left()
    earlier.assert_archived()


def knows(registry: Path, external_id: str) -> bool:
    """Whether the registry lists the session as finished."""
    if not os.path.exists(registry):
        return False
    with closing(sqlite3.connect(f"file:{registry}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT 1 FROM sessions WHERE external_id = ? AND finished", (external_id,)
        )
        return rows.fetchone() is not None
