"""The whole home on a network file system: nothing is lost, whoever writes to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.home import Home
from integration.network_home import NetworkHome, network_home
from integration.session import Session, process_exists
from integration.waiting import until

ROLLBACK_JOURNAL = b"\x01\x01"
"""Bytes 18 and 19 of a database without a write-ahead log (SQLite, "Database File Format")."""


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[NetworkHome]:
    """The file system that the home is on."""
    with network_home(tmp_path / "far") as place:
        yield place


@pytest.fixture
def far(mounted: NetworkHome, confab: Path) -> Iterator[Home]:
    """A home in which `confab setup` has run."""
    home = Home.create(mounted.place / "home", confab)
    home.confab("setup", "--no-import")
    yield home
    home.end_processes()


@pytest.fixture
def session(far: Home) -> Iterator[Session]:
    """A session whose daemon rests as soon as it can."""
    one = Session(far, {"CONFAB_REST_AFTER_MS": "50"})
    yield one
    one.kill_client()


def test_a_session_is_archived_and_a_killed_daemon_replaced(session: Session) -> None:
    session.begin()
    os.kill(session.daemon_pid, signal.SIGKILL)
    session.write()
    session.write_subagent("abcdef", b'{"isSidechain":true}\n')
    session.prompt()
    session.until_archived(11)
    session.end()
    session.until_gone()
    session.assert_archived()
    home = session.home.path
    for database in (".local/share/confab/store.db", ".confab/registry.db"):
        assert (home / database).read_bytes()[18:20] == ROLLBACK_JOURNAL


def test_lines_that_another_machine_writes_are_seen_without_an_event(
    session: Session, mounted: NetworkHome
) -> None:
    session.begin()
    session.until_phase("resting")
    there = mounted.exported / session.transcript.relative_to(mounted.place)
    with there.open("ab") as file:
        file.write(b'{"type":"user","n":6}\n' * 3)
    session.until_archived(8)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_a_daemon_leaves_a_lost_file_system_and_another_goes_on_where_it_is_back(
    session: Session, mounted: NetworkHome, tmp_path: Path
) -> None:
    session.environ["CONFAB_LOG_DIR"] = str(tmp_path / "logs")
    session.begin()
    session.until_phase("resting")
    pid = session.daemon_pid
    mounted.lose()
    until(lambda: not process_exists(pid), "a daemon without a lock has left")
    mounted.mount()
    session.write()
    session.prompt()
    session.until_archived(10)
    session.end()
    session.until_gone()
    session.assert_archived()
    assert "daemon_broke" not in (tmp_path / "logs" / f"{session.id}.log").read_text()
