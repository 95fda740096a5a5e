"""Machines that sleep or start anew, and processes that die in unusual ways."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integration.faults.standstill import kill_daemon, standstill
from integration.session import Session, process_exists
from integration.waiting import until

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="/proc shows who stands still and since when"
)

LONG_AGO = "00000000-0000-4000-8000-000000000000"
"""The boot id of another boot."""


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with confab, and dies of any signal."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("phase", ["syncing", "resting"])
def test_what_happened_while_the_machine_slept_is_taken_in_when_it_wakes(
    new_session: Callable[..., Session], phase: str
) -> None:
    session = new_session(CONFAB_REST_AFTER_MS="50" if phase == "resting" else "60000")
    session.begin()
    session.until_phase(phase)
    pid = session.daemon_pid
    with standstill(pid):
        assert (session.state or {})["phase"] == phase
        session.write()
        session.write_subagent("abcdef", b"{}\n")
        session.prompt()
        session.end()
        session.kill_client()
        assert (session.state or {})["lines"] == 5
    session.until_gone()
    assert not process_exists(pid)
    session.assert_archived()


def test_after_a_reboot_a_stranger_with_the_daemons_pid_is_not_signalled(
    new_session: Callable[..., Session], stranger: subprocess.Popen[bytes]
) -> None:
    session, other = new_session(), new_session()
    session.begin()
    daemon = kill_daemon(session)
    session.write()
    before_the_reboot(session, daemon, stranger.pid)
    before_the_reboot(session, session.client.pid, stranger.pid)
    session.home.confab("sync", "status")
    with session.state_file.with_suffix(".lock").open() as lock:
        # Somebody is about to start a daemon: the state is still the old one's.
        fcntl.flock(lock, fcntl.LOCK_EX)
        session.prompt()
        session.start(source="resume")
        session.home.confab("sync", "stop", session.id, check=False)
        session.end()
    other.begin()  # its hook looks for sessions whose daemon died
    session.start(source="resume")
    assert session.daemon_pid not in {daemon, stranger.pid}
    session.until_archived(10)
    session.end()
    session.until_gone()
    session.assert_archived()
    assert stranger.poll() is None


def test_after_a_reboot_a_stranger_with_the_clients_pid_keeps_no_session_open(
    new_session: Callable[..., Session], stranger: subprocess.Popen[bytes]
) -> None:
    session, other = new_session(), new_session()
    session.begin()
    daemon = kill_daemon(session)
    session.write()
    before_the_reboot(session, daemon, stranger.pid)
    before_the_reboot(session, session.client.pid, stranger.pid)
    other.start()
    session.until_gone()  # nobody came back to it, so it was finished and given up
    session.assert_archived()
    assert stranger.poll() is None


def before_the_reboot(session: Session, pid: int, pid_now: int) -> None:
    """Let what is on record of the process `pid` be of another boot, its pid somebody's now."""
    start_now = Path(f"/proc/{pid_now}/stat").read_text().rpartition(")")[2].split()[19]

    def changed(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        value = {name: changed(part) for name, part in value.items()}
        if value.get("pid") == pid:
            value["pid"] = pid_now
            if "boot" in value:
                value.update(start=start_now, boot=LONG_AGO)
        return value

    inbox = session.state_file.with_suffix(".inbox.jsonl")
    for path in (session.state_file, inbox):
        whole = path == session.state_file
        texts = [path.read_text()] if whole else path.read_text().splitlines()
        rows = [json.dumps(changed(json.loads(text))) + "\n" for text in texts]
        path.write_text("".join(rows))
    assert LONG_AGO in session.state_file.read_text() + inbox.read_text()


def test_a_client_whose_parent_never_reaps_it_is_dead_all_the_same(session: Session) -> None:
    session.begin()
    session.write()
    os.kill(session.client.pid, signal.SIGKILL)
    until(lambda: is_zombie(session.client.pid), "the client is a zombie")
    session.until_gone()
    assert is_zombie(session.client.pid)
    session.assert_archived()


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_stop_while_waiting_for_the_transcript_leaves_nothing_and_loses_nothing(
    session: Session,
) -> None:
    session.start()
    session.until_phase("waiting")
    os.kill(session.daemon_pid, signal.SIGTERM)
    session.until_gone()
    listed = session.home.confab("session", "list-files", session.id, check=False)
    assert listed.returncode == 3
    session.prompt()
    session.write()
    session.until_archived(5)
    session.end()
    session.until_gone()
    session.assert_archived()


@contextmanager
def container() -> Iterator[int]:
    """A pid namespace with a /proc of its own; the pid of a process in it, as seen from here."""
    if os.geteuid() != 0:
        pytest.skip("making a pid namespace needs root")
    inside = ["--pid", "--fork", "--mount-proc", "--kill-child", "sleep", "600"]
    unshare = subprocess.Popen(["unshare", *inside])
    try:
        children = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children")
        yield int(until(children.read_text, "the namespace is there").split()[0])
    finally:
        unshare.kill()
        unshare.wait()


def test_a_daemon_in_a_container_that_shares_the_home_is_left_alone(
    new_session: Callable[..., Session],
) -> None:
    with container() as pid:
        session, outside = new_session(), new_session()
        into = ("nsenter", "--target", str(pid), "--pid", "--mount")
        there = Session(
            type(session.home)(session.home.path, session.home.executable, inside=into),
            {"CLAUDE_PID": "1"},  # the namespace's first process has the session open
            id=session.id,
            client=session.client,
        )
        there.begin()
        assert there.state is not None
        daemon = there.state["daemon"]
        (seen_from_here,) = [one.pid for one in there.home.daemons() if there.id in one.command]
        assert daemon["pid"] != seen_from_here, "it lives in a namespace of its own"
        outside.begin()  # its daemon looks for sessions whose daemon died
        assert session.home.status_of(session.id) is not None
        session.prompt()  # a hook out here, for the same session
        outside.end()
        outside.until_gone()
        assert there.state["daemon"] == daemon
        assert process_exists(seen_from_here)
        # Somebody opens the session out here, whom the daemon cannot see, and stays.
        session.start(source="resume")
        there.end()
        there.write()
        there.until_archived(10)
        assert there.state["phase"] == "syncing"
        session.end()
        there.until_gone()
        there.assert_archived()
        until(lambda: not process_exists(seen_from_here), "the daemon has left")
