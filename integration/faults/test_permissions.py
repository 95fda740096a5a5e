"""A permission is lost while a daemon runs, and comes back: nothing is lost.

Whoever runs the tests may be root, to whom no mode means anything; the sessions here run
without the capabilities that make it so.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.faults.rig import HURRIED
from integration.home import Home
from integration.requirements import tool
from integration.session import Session, process_exists
from integration.waiting import until

FINE = {"continue": True, "suppressOutput": True}
OVERRULING = "-dac_override,-dac_read_search"
"""The capabilities of root to read and write what its mode forbids (capabilities(7))."""


@pytest.fixture
def obedient(home: Home) -> Home:
    """A home in whose processes the mode of a file counts, root's own too."""
    fresh = home
    if os.geteuid() == 0:
        without = (f"--bounding-set={OVERRULING}", f"--inh-caps={OVERRULING}")
        fresh = dataclasses.replace(home, inside=(tool("setpriv"), *without))
    fresh.confab("setup", "--no-import")
    return fresh


@pytest.fixture
def session(obedient: Home) -> Iterator[Session]:
    """A session over the embedded store, whose daemon looks twice a second."""
    one = Session(obedient, dict(HURRIED))
    yield one
    one.kill_client()


@contextmanager
def forbidden(*paths: Path, mode: int) -> Iterator[None]:
    """Take permissions away for a while; `mode` is what is left of them."""
    before = [path.stat().st_mode & 0o777 for path in paths]
    for path in paths:
        path.chmod(mode)
    try:
        yield
    finally:
        for path, old in zip(paths, before, strict=True):
            path.chmod(old)


def notes(session: Session) -> str:
    """What the daemon says of its files."""
    return "; ".join(file.get("note", "") for file in (session.state or {}).get("files", []))


def test_a_transcript_that_may_not_be_read_for_a_while_is_sent_once_it_may(
    session: Session,
) -> None:
    session.environ["CONFAB_REST_AFTER_MS"] = "50"
    session.begin()
    session.until_phase("resting")
    with forbidden(session.transcript, mode=0):
        session.write()
        until(lambda: "cannot be read: Permission denied" in notes(session), "the status says it")
        assert "cannot be read" in session.home.confab("sync", "status").stdout
    session.until_archived(10)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_a_project_that_may_not_be_entered_when_its_session_ends_is_copied_later(
    session: Session,
) -> None:
    session.begin()
    with forbidden(session.transcript.parent, mode=0):
        session.write()
        session.write_subagent("abcdef", b'{"isSidechain":true}\n')
        until(lambda: "cannot be read: Permission denied" in notes(session), "the status says it")
        assert session.end() == FINE
        session.until_gone()
        told = session.home.status_of(session.id)
        assert told is not None
        assert "cannot be read" in str(told)
        saved = session.home.confab("save", session.id, check=False)
        assert saved.returncode != 0
        assert "Permission denied" in saved.stderr
        meanwhile = Session(session.home, dict(HURRIED))
        meanwhile.start()  # whose finisher finds nothing to do yet
        meanwhile.kill_client()
        session.home.until_no_process_is_left()
    other = Session(session.home, dict(HURRIED))
    try:
        other.start()
        until(lambda: session.download() == session.local(), "the next session's start sees to it")
    finally:
        other.kill_client()


def test_a_home_of_confab_that_may_not_be_written_keeps_no_line_from_the_store(
    session: Session,
) -> None:
    session.begin()
    pid = session.daemon_pid
    home = session.home.path / ".confab"
    with forbidden(session.state_file.parent, home / "sync", home, mode=0o500):
        session.write()
        assert session.prompt() == FINE
        until(lambda: session.download() == session.local(), "the lines are archived")
        assert session.end() == FINE
        session.write()
        session.kill_client()
        until(lambda: not process_exists(pid), "the daemon has left")
        session.assert_archived()
    other = Session(session.home, dict(HURRIED))
    try:
        other.start()
        session.until_gone()
        session.assert_archived()
    finally:
        other.kill_client()


def test_a_store_that_may_not_be_opened_holds_lines_back_until_it_may(session: Session) -> None:
    session.environ["CONFAB_REST_AFTER_MS"] = "50"
    session.begin()
    session.until_phase("resting")
    with forbidden(session.home.path / ".local" / "share" / "confab", mode=0):
        session.write()
        until(lambda: (session.state or {}).get("connection") == "offline", "the status says it")
        assert "Permission denied" in session.home.confab("sync", "status").stdout
    session.until_archived(10)
    session.end()
    session.until_gone()
    session.assert_archived()
