from __future__ import annotations

import json
import os
import subprocess
import threading

import pytest

from confab_sync.claude.payload import parse
from confab_sync.hooks.surroundings import Surroundings
from confab_sync.hooks.user_prompt_submit import user_prompt_submit
from confab_sync.presence import inbox, lock, marker
from confab_sync.presence import state as states
from confab_sync.process import Identity
from tests.daemons import daemon_of, end_daemon
from tests.hooks.home import Home, daemon_that_listens
from tests.processes import FakeProcesses, line_of

PROMPT = "a prompt that nobody else may read"


def submit(home: Home, **changes: str) -> None:
    home.run("user-prompt-submit", prompt=PROMPT, **changes)


def test_a_living_daemon_is_all_that_is_needed(home: Home) -> None:
    home.run("session-start")
    daemon = daemon_of(home.paths())
    submit(home)
    assert daemon_of(home.paths()) == daemon
    assert home.kinds() == ["session_start"]


def test_the_daemon_is_woken_for_what_follows_the_prompt(home: Home) -> None:
    with daemon_that_listens(home) as daemon:
        submit(home)
        assert line_of(daemon) == "SIGUSR1"
        assert home.records() == []


def test_without_a_daemon_one_is_started(home: Home) -> None:
    submit(home)
    assert lock.is_held(home.paths().lock)
    (record,) = home.records()
    assert (record["type"], record["source"]) == ("session_start", "prompt")


def test_in_place_of_a_dead_daemon_one_is_started(home: Home) -> None:
    home.run("session-start")
    dead = daemon_of(home.paths())
    end_daemon(home.paths())
    submit(home)
    assert daemon_of(home.paths()) != dead


def test_a_daemon_learns_where_the_transcript_has_moved(home: Home) -> None:
    home.run("session-start")
    submit(home, transcript_path=home.transcript(project="q"))
    assert home.kinds() == ["session_start", "session_moved"]
    assert home.records()[1]["transcript_path"] == home.transcript(project="q")


@pytest.mark.parametrize("why", [marker.STOPPED, marker.DELETED, "unknown"])
def test_a_session_that_stays_off_stays_off(home: Home, why: str) -> None:
    os.makedirs(home.paths().directory)
    marker.put(home.paths().off, why)
    submit(home)
    assert os.listdir(home.paths().directory) == ["s.off"]


def test_the_session_of_a_living_go_daemon_is_left_alone(home: Home) -> None:
    os.makedirs(home.paths().directory)
    states.write(home.paths().state, {"pid": 77})
    processes = FakeProcesses()
    processes.add(77, "/usr/local/bin/confab")
    around = Surroundings(home.environ, processes)
    content = json.dumps(home.payload(prompt=PROMPT)).encode()
    user_prompt_submit(parse(content, around.projects_dirs), around)
    assert os.listdir(home.paths().directory) == ["s.json"]


def test_the_prompt_is_never_stored(home: Home) -> None:
    submit(home)
    submit(home, transcript_path=home.transcript(project="q"))
    home.end_daemons()
    found = subprocess.run(
        ["grep", "-r", PROMPT, str(home.directory)], capture_output=True, check=False
    )
    assert (found.returncode, found.stdout) == (1, b"")


def test_a_daemon_killed_a_moment_ago_is_replaced_although_its_lock_lingers(home: Home) -> None:
    paths = home.paths()
    os.makedirs(paths.directory)
    dead = Identity(7, "1", "b", "n").to_json()
    states.write(paths.state, {"run_id": "r", "daemon": dead, "transcript_path": home.transcript()})
    taken = lock.take(paths.lock)
    assert taken is not None
    threading.Timer(0.01, os.close, [taken]).start()
    submit(home)
    assert [record["type"] for record in home.records()] == ["session_start"]
    assert daemon_of(paths).pid != 7


def test_a_lock_without_a_word_about_its_holder_is_believed_and_told(home: Home) -> None:
    """Another hook is about to start the daemon, or the finisher has the session and will."""
    paths = home.paths()
    os.makedirs(paths.directory)
    taken = lock.take(paths.lock)
    assert taken is not None
    submit(home)
    assert home.kinds() == [inbox.START]
    assert states.read(paths.state) is None
    os.close(taken)
