"""Daemons are asked to stop, and what came of it is told."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from confab_sync.cli.stopping import PATIENCE, Stopped, running, stop_all, stop_sessions
from confab_sync.presence import inbox, marker
from tests.cli.archives import ONE, TWO, Home, go_daemon

if TYPE_CHECKING:
    from pathlib import Path

LEAVES_AT_A_NUDGE = """
import os, sys
from confab_sync.paths import Paths
from confab_sync.presence import lock, session, state
from confab_sync.process import signals, this_platform

processes = this_platform()
paths = Paths(os.environ).session(sys.argv[1])
held = lock.take(paths.lock)
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [session.NUDGE])
known = state.read(paths.state)
me = processes.look(os.getpid())
identity = {
    "pid": os.getpid(), "start": me.start, "boot": processes.boot,
    "namespace": processes.namespace,
}
state.write(paths.state, {**known, "pid": os.getpid(), "daemon": identity})
print("ready", flush=True)
signal.sigwait([session.NUDGE])
print(open(paths.inbox).read(), flush=True)
"""


class Clock:
    """Moves only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def stop(home: Home, *ids: str, wait: bool = False) -> list[Stopped]:
    clock = Clock()
    return list(stop_sessions(home.context, ids, wait=wait, clock=clock, pause=clock.pause))


def test_daemon_is_asked_in_its_inbox_and_woken(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state()
    environ = {**os.environ, **home.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", LEAVES_AT_A_NUDGE, ONE], stdout=subprocess.PIPE, env=environ
    ) as daemon:
        try:
            assert daemon.stdout is not None
            assert daemon.stdout.readline() == b"ready\n"
            assert running(home.context) == [ONE]
            stopped = list(stop_sessions(home.context, [ONE], wait=True))
            assert [outcome.is_left for outcome in stopped] == [False]
            assert b'"stop"' in daemon.stdout.read()
        finally:
            daemon.kill()
    assert stopped == [
        Stopped(ONE, "stopped; off until Claude Code starts this session again", is_left=False)
    ]
    assert home.marker() == marker.STOPPED


def test_without_waiting_it_is_only_asked(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state()
    with home.locked():
        [stopped] = stop(home, ONE)
    assert stopped.outcome == "stopping; off until Claude Code starts this session again"
    assert not stopped.is_left
    assert [record["type"] for record in home.records()] == [inbox.STOP]


def test_daemon_that_does_not_go_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state()
    with home.locked():
        [stopped] = stop(home, ONE, wait=True)
    assert (stopped.outcome, stopped.is_left) == (f"still there after {PATIENCE:.0f} s", True)


def test_daemons_are_waited_for_together(tmp_path: Path) -> None:
    home = Home(tmp_path)
    clock = Clock()
    for name in (ONE, TWO):
        home.state(name)
    with home.locked(ONE), home.locked(TWO):
        stopped = list(
            stop_sessions(home.context, [ONE, TWO], wait=True, clock=clock, pause=clock.pause)
        )
    assert [outcome.is_left for outcome in stopped] == [True, True]
    assert clock.now < PATIENCE + 1


def test_session_without_a_daemon_is_kept_off(tmp_path: Path) -> None:
    home = Home(tmp_path)
    [stopped] = stop(home, ONE)
    assert stopped.outcome == "was not running; off until Claude Code starts it again"
    assert not stopped.is_left
    assert (home.marker(), home.records()) == (marker.STOPPED, [])


def test_what_is_ignored_stays_so_and_not_only_until_the_next_start(tmp_path: Path) -> None:
    home = Home(tmp_path)
    marker.put(home.session().off, "ignored: /a")
    stop(home, ONE)
    assert home.marker() == "ignored: /a"


def test_go_daemon_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with go_daemon(tmp_path) as pid:
        home.state(run_id=None, pid=pid)
        assert running(home.context) == []
        [stopped] = stop(home, ONE)
    assert (stopped.outcome, stopped.is_left) == ("looked after by the Go CLI; stop it there", True)
    assert (home.marker(), home.records()) == (None, [])


def test_daemon_whose_state_cannot_be_read_is_asked_all_the_same(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with open(home.session().state, "wb"):
        pass
    with home.locked():
        assert running(home.context) == [ONE]
        stop(home, ONE)
    assert [record["type"] for record in home.records()] == [inbox.STOP]


def test_session_whose_files_cannot_be_written_does_not_keep_the_others(tmp_path: Path) -> None:
    home = Home(tmp_path)
    os.mkdir(home.session(ONE).off)
    home.state(TWO)
    with home.locked(TWO):
        one, two = stop(home, ONE, TWO)
    assert one.outcome.startswith("cannot be stopped: ")
    assert not one.is_left, "there is no daemon that could be left"
    assert two.outcome.startswith("stopping")


def test_stopping_all_where_nothing_runs_does_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state()
    stop_all(home.context)
    assert home.marker() is None
