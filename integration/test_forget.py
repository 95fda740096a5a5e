"""Sessions that the user deletes stay deleted, whatever goes on around them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from confab_sync.presence import marker
from confab_sync.presence import state as states
from integration.home import Home
from integration.session import Session
from integration.waiting import until


@pytest.fixture
def session(home: Home) -> Iterator[Session]:
    home.confab("setup", "--no-import")
    session = Session(home, {"CONFAB_REST_AFTER_MS": "300"})
    yield session
    session.kill_client()


def is_copied(session: Session) -> bool:
    said = session.home.confab("session", "list-files", session.id, check=False)
    return said.returncode == 0


def off(session: Session) -> str | None:
    return marker.reason(str(session.state_file.with_suffix(".off")))


@pytest.mark.parametrize("phase", ["syncing", "resting"])
def test_forgotten_session_is_never_copied_again(session: Session, phase: str) -> None:
    session.begin()
    if phase == "resting":
        session.until_phase("resting")
    session.write(lines=2)
    told = json.loads(session.home.confab("forget", session.id[:8], "--yes", "--json").stdout)
    assert [copy["outcome"] for copy in told["copies"]] == ["deleted"]
    assert not session.home.daemons()
    written = session.transcript.read_bytes()
    session.prompt()
    session.start("resume")
    session.write()
    session.end()
    session.home.confab("setup", "--import")
    session.home.until_no_process_is_left()
    assert not is_copied(session)
    assert off(session) == marker.FORGOTTEN
    assert session.transcript.read_bytes().startswith(written)


@pytest.mark.parametrize("phase", ["syncing", "resting"])
def test_pruned_session_stays_deleted_while_its_daemon_runs(session: Session, phase: str) -> None:
    session.begin()
    if phase == "resting":
        session.until_phase("resting")
    store = session.home.path / ".local" / "share" / "confab" / "store.db"
    age_everything(str(store))
    session.home.confab("store", "prune", "--keep", "1d")
    session.write()
    session.until_gone()
    session.start("resume")
    session.write()
    session.home.confab("setup", "--import")
    session.home.until_no_process_is_left()
    assert not is_copied(session)
    assert off(session) == marker.DELETED


@pytest.mark.parametrize("phase", ["syncing", "resting", "resting, and configured"])
def test_session_that_is_deleted_in_the_store_under_its_daemon_stays_deleted(
    session: Session, phase: str
) -> None:
    session.begin()
    if phase != "syncing":
        session.until_phase("resting")
    store = session.home.path / ".local" / "share" / "confab" / "store.db"
    delete_everything(str(store))
    if phase.endswith("configured"):
        session.home.confab("config", "set", "log_level", "debug")
    session.write()
    until(lambda: off(session) == marker.DELETED, "the daemon has noticed")
    session.until_gone()
    session.prompt()
    session.write()
    session.home.until_no_process_is_left()
    assert not is_copied(session)
    assert states.read(str(session.state_file)) is None


def age_everything(path: str) -> None:
    _execute(path, "UPDATE sessions SET last_sync_at = '2020-01-01T00:00:00.000000Z'")


def delete_everything(path: str) -> None:
    _execute(path, "DELETE FROM sessions")


def _execute(path: str, statement: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(statement)
