from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from confab_sync.claude.payload import parse
from confab_sync.hooks.session_start import session_start
from confab_sync.hooks.surroundings import Surroundings
from confab_sync.paths import HIDDEN, Paths
from confab_sync.presence import lock, marker, notice
from confab_sync.presence import state as states
from confab_sync.presence.life import fold
from confab_sync.process import identify, this_platform
from tests.daemons import daemon_of, end_daemon
from tests.hooks.home import Home, daemon_that_listens
from tests.processes import FakeProcesses, line_of


def test_a_session_that_is_opened_has_a_daemon_that_knows_who_opened_it(home: Home) -> None:
    assert home.run("session-start", source="startup") is None
    assert lock.is_held(home.paths().lock)
    (record,) = home.records()
    myself = identify(this_platform(), os.getpid())
    assert myself is not None
    assert record["type"] == "session_start"
    assert record["source"] == "startup"
    assert record["transcript_path"] == home.transcript()
    assert record["parent"] == myself.to_json()
    state = states.read(home.paths().state)
    assert state is not None
    assert state["parent_pid"] == os.getpid()


def test_opened_again_it_keeps_its_daemon_which_is_told(home: Home) -> None:
    home.run("session-start", source="startup")
    first = daemon_of(home.paths())
    home.run("session-start", source="compact", transcript_path=home.transcript(project="q"))
    assert daemon_of(home.paths()) == first
    assert [record["source"] for record in home.records()] == ["startup", "compact"]
    assert home.records()[1]["transcript_path"] == home.transcript(project="q")


def test_opened_again_it_wakes_its_daemon(home: Home) -> None:
    with daemon_that_listens(home) as daemon:
        home.run("session-start", source="resume")
        assert line_of(daemon) == "SIGUSR1"
        assert home.kinds() == ["session_start"]


def test_after_its_daemon_died_it_gets_a_new_one(home: Home) -> None:
    home.run("session-start")
    dead = daemon_of(home.paths())
    end_daemon(home.paths())
    home.run("session-start", source="resume")
    assert daemon_of(home.paths()) != dead


def test_what_the_user_stopped_starts_again(home: Home) -> None:
    os.makedirs(home.paths().directory)
    marker.put(home.paths().off, marker.STOPPED)
    home.run("session-start")
    assert marker.reason(home.paths().off) is None
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize("why", [marker.DELETED, "unknown"])
def test_what_stays_off_for_another_reason_stays_off(home: Home, why: str) -> None:
    os.makedirs(home.paths().directory)
    marker.put(home.paths().off, why)
    home.run("session-start")
    assert marker.reason(home.paths().off) == why
    assert os.listdir(home.paths().directory) == ["s.off"]


def test_what_the_user_must_know_is_said_once(home: Home) -> None:
    paths = Paths(home.environ)
    os.makedirs(paths.home, exist_ok=True)
    notice.leave(paths, "config", "confab does not archive")
    assert home.run("session-start") == "confab does not archive"
    assert home.run("session-start") is None


def test_the_session_of_a_living_go_daemon_is_left_alone(home: Home) -> None:
    os.makedirs(home.paths().directory)
    states.write(home.paths().state, {"pid": 77})
    processes = FakeProcesses()
    processes.add(77, "/usr/local/bin/confab")
    around = Surroundings(home.environ, processes)
    content = json.dumps(home.payload()).encode()
    assert session_start(parse(content, around.projects_dirs), around) is None
    assert os.listdir(home.paths().directory) == ["s.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\0", b'{"run_id":7}'])
def test_a_state_that_nobody_can_read_is_replaced(home: Home, content: bytes) -> None:
    os.makedirs(home.paths().directory)
    Path(home.paths().state).write_bytes(content)
    home.run("session-start")
    assert daemon_of(home.paths()) != identify(this_platform(), os.getpid())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\0\n", b'{"type":"session_st'])
def test_an_inbox_that_nobody_can_read_does_not_keep_the_record_out(
    home: Home, content: bytes
) -> None:
    os.makedirs(home.paths().directory)
    Path(home.paths().inbox).write_bytes(content)
    home.run("session-start")
    assert home.kinds() == ["session_start"]
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize(
    "config", ["", "{", "[]", '{"bindings":7}', '{"bindings":{"claude-code":"/x"}}',
               '{"bindings":{"claude-code":5}}']
)  # fmt: skip
def test_a_broken_configuration_does_not_keep_a_session_from_its_daemon(
    home: Home, config: str
) -> None:
    """The daemon says so; a hook cannot."""
    paths = Paths(home.environ)
    os.makedirs(paths.home, exist_ok=True)
    Path(paths.config).write_text(config)
    home.run("session-start")
    assert lock.is_held(home.paths().lock)


def test_a_transcript_below_a_bound_directory_is_believed(home: Home) -> None:
    paths = Paths(home.environ)
    os.makedirs(paths.home, exist_ok=True)
    bound = f"{home.directory}/work"
    Path(paths.config).write_text(json.dumps({"bindings": {"claude-code": {bound: {}}}}))
    home.run("session-start", transcript_path=f"{bound}/projects/p/s.jsonl")
    assert lock.is_held(home.paths().lock)


def test_a_directory_called_after_a_secret_is_named_nowhere(home: Home) -> None:
    token = "gh" + "p_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    project = f"-work-{token.replace('_', '-')}"
    told = {"cwd": f"/work/{token}", "transcript_path": home.transcript(project=project)}
    home.run("session-start", **told)
    home.run("user-prompt-submit", **told)
    home.run("session-end", reason=f"token={token}", **told)
    assert home.kinds() == ["session_start", "session_end"]
    written = [path for path in home.directory.rglob("*") if path.is_file()]
    assert len(written) > 1
    for path in written:
        assert token[4:].encode() not in path.read_bytes(), path
    life = fold(home.records())
    assert life.cwd == "/work/[REDACTED:GITHUB_TOKEN]"
    assert life.transcript_path == home.transcript(project=HIDDEN)


def test_a_pattern_that_cannot_be_used_leaves_the_directory_out(home: Home) -> None:
    pattern = {"name": "x", "type": "x", "pattern": "("}
    path = Path(home.paths().directory).parent.parent / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"redaction": {"patterns": [pattern]}}))
    home.run("session-start")
    life = fold(home.records())
    assert (life.cwd, life.transcript_path) == ("", home.transcript(project=HIDDEN))


def test_a_rule_for_a_directory_called_after_a_secret_holds(home: Home) -> None:
    directory = home.directory / ("gh" + "p_" + "a1B2c3D4e5" * 3 + "f6G7h8")
    directory.mkdir()
    path = Path(home.paths().directory).parent.parent / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"ignore": [str(directory)]}))
    home.run("session-start", cwd=str(directory))
    assert marker.reason(home.paths().off) == f"ignored: {directory}"
    assert home.records() == []


def test_an_empty_configuration_hides_nothing(home: Home) -> None:
    path = Path(home.paths().directory).parent.parent / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    home.run("session-start")
    assert fold(home.records()).cwd == str(home.directory)
