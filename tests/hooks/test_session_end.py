from __future__ import annotations

import json
import os
import signal

import pytest

from confab_sync.claude.payload import parse
from confab_sync.hooks.session_end import session_end
from confab_sync.hooks.surroundings import Surroundings
from confab_sync.presence import lock, marker, session
from confab_sync.presence import state as states
from confab_sync.presence.life import fold
from tests.daemons import daemon_of
from tests.hooks.home import Home, daemon_that_listens
from tests.processes import FakeProcesses, finish, line_of, python

LISTENER = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
print("ready", flush=True)
print(signal.sigwait([signal.SIGUSR1, signal.SIGTERM]).name, flush=True)
"""


def test_the_daemon_is_told_who_ended_the_session(home: Home) -> None:
    home.run("session-start")
    daemon = daemon_of(home.paths())
    home.run("session-end", hook_event_name="SessionEnd", reason="clear")
    assert daemon_of(home.paths()) == daemon
    assert home.kinds() == ["session_start", "session_end"]
    assert fold(home.records()).deserted


def test_the_record_is_written_and_the_daemon_woken(home: Home) -> None:
    with daemon_that_listens(home) as daemon:
        home.run("session-end", hook_event_name="SessionEnd", reason="other")
        assert line_of(daemon) == "SIGUSR1"
        (record,) = home.records()
        assert record["hook_input"]["reason"] == "other"


def test_the_record_is_there_before_the_signal_is_sent(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    there_at_the_signal: list[list[str]] = []

    def look(*_arguments: object) -> bool:
        there_at_the_signal.append(home.kinds())
        return True

    monkeypatch.setattr(session, "send_signal", look)
    with daemon_that_listens(home):
        home.run("session-end", hook_event_name="SessionEnd")
    assert there_at_the_signal == [["session_end"]]


def test_without_a_daemon_one_is_started_that_only_finishes(home: Home) -> None:
    home.run("session-end", hook_event_name="SessionEnd")
    assert lock.is_held(home.paths().lock)
    assert home.kinds() == ["session_end"]
    assert fold(home.records()).deserted


def test_the_record_is_one_that_the_go_cli_can_read(home: Home) -> None:
    os.makedirs(home.paths().directory)
    taken = lock.take(home.paths().lock)
    assert taken is not None
    home.run("session-end", hook_event_name="SessionEnd")
    (record,) = home.records()
    assert list(record)[:3] == ["type", "timestamp", "hook_input"]
    assert record["hook_input"] == {
        "session_id": "s",
        "transcript_path": home.transcript(),
        "cwd": str(home.directory),
        "permission_mode": "",
        "hook_event_name": "SessionEnd",
        "reason": "",
    }
    assert fold(home.records()).deserted
    os.close(taken)


@pytest.mark.parametrize("why", [marker.STOPPED, marker.DELETED])
def test_a_session_that_stays_off_is_not_written_about(home: Home, why: str) -> None:
    os.makedirs(home.paths().directory)
    marker.put(home.paths().off, why)
    home.run("session-end")
    assert os.listdir(home.paths().directory) == ["s.off"]


def end_with(home: Home, processes: FakeProcesses) -> None:
    around = Surroundings(home.environ, processes)
    session_end(parse(json.dumps(home.payload()).encode(), around.projects_dirs), around)


def test_a_go_daemon_is_ended_by_its_own_protocol(home: Home) -> None:
    listener = python(LISTENER)
    assert line_of(listener) == "ready"
    processes = FakeProcesses()
    processes.add(listener.pid, "/usr/local/bin/confab")
    os.makedirs(home.paths().directory)
    states.write(home.paths().state, {"pid": listener.pid})
    end_with(home, processes)
    assert finish(listener) == f"{signal.SIGTERM.name}\n"
    assert home.kinds() == ["session_end"]
    assert not lock.is_held(home.paths().lock)


def test_a_stranger_with_a_dead_go_daemons_pid_is_not_touched(home: Home) -> None:
    bystander = python("import sys; print('ready', flush=True); sys.stdin.read()")
    assert line_of(bystander) == "ready"
    os.makedirs(home.paths().directory)
    states.write(home.paths().state, {"pid": bystander.pid})
    home.run("session-end")
    finish(bystander)  # it ended by itself, at the end of its input


def test_the_daemon_of_another_session_hears_nothing_of_it(home: Home) -> None:
    home.run("session-start", session_id="t")
    home.run("session-start")
    home.run("session-end")
    assert home.kinds("t") == ["session_start"]
