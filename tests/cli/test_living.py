"""Sessions with a daemon are told as the daemon tells of itself, whatever is in the files."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confab_sync import quickjson
from confab_sync.cli.living import (
    DIED,
    FOREIGN,
    NO_TRANSCRIPT,
    UNREADABLE_STATE,
    described,
    kept_off,
    living,
)
from confab_sync.cli.views import OTHER, UNFINISHED, FileView, SessionView
from confab_sync.paths import SessionPaths
from confab_sync.presence import marker
from confab_sync.process import this_platform
from tests.cli.archives import ONE, TWO, Home, go_daemon

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES = this_platform()

HOLDER = """
import sys
from confab_sync.presence import lock
assert lock.take(sys.argv[1]) is not None
print("held", flush=True)
sys.stdin.read()
"""


def test_nothing_is_living_in_a_fresh_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert (living(home.paths), kept_off(home.paths)) == ([], {})


def test_daemon_of_another_process_is_told_with_all_it_says(tmp_path: Path) -> None:
    home = Home(tmp_path)
    file = {"name": "a.jsonl", "kind": "transcript", "lines": 3, "bytes": 30, "behind_bytes": 5}
    home.state(
        phase="syncing",
        phase_since="2026-03-01T11:30:00Z",
        connection="offline",
        backend="embedded",
        lines=3,
        bytes=30,
        behind_bytes=5,
        last_error="locked",
        last_error_at="2026-03-01T11:31:00Z",
        last_online_at="2026-03-01T11:29:00Z",
        files=[file, "odd"],
        files_omitted=7,
        work={"cycles": 2, "requests": 3, "odd": "x"},
    )
    command = [sys.executable, "-c", HOLDER, home.session().lock]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        [view] = living(home.paths)
        holder.communicate()
    assert view == SessionView(
        id=ONE,
        project="/home/u/app",
        phase="syncing",
        running=True,
        connection="offline",
        backend="embedded",
        pid=os.getpid(),
        lines=3,
        bytes=30,
        behind_bytes=5,
        last_error="locked",
        last_error_at="2026-03-01T11:31:00Z",
        last_online_at="2026-03-01T11:29:00Z",
        since="2026-03-01T11:30:00Z",
        started_at="2026-03-01T11:00:00Z",
        transcript_path=str(home.transcript()),
        files=(FileView("a.jsonl", "transcript", 3, 30, 5),),
        files_omitted=7,
        work={"cycles": 2, "requests": 3, "odd": 0},
    )
    [view] = living(home.paths)
    assert (view.phase, view.running, view.pid, view.note) == (UNFINISHED, False, None, DIED)
    assert view.connection == "", "what a dead daemon was connected to is no news"


@pytest.mark.parametrize(
    ("phase", "written", "note"),
    [
        ("waiting", False, NO_TRANSCRIPT),
        ("starting", False, NO_TRANSCRIPT),
        ("starting", True, ""),
        ("resting", True, ""),
    ],
)
def test_missing_transcript_is_told(tmp_path: Path, phase: str, written: bool, note: str) -> None:
    home = Home(tmp_path)
    home.state(phase=phase)
    if written:
        home.write(b"one\n")
    with home.locked():
        assert described(home.session(), PROCESSES).note == note


def test_stopping_daemon_says_why(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state(phase="stopping", reason="session ended")
    with home.locked():
        assert described(home.session(), PROCESSES).note == "session ended"


@pytest.mark.parametrize("flat", [False, True])
def test_daemon_of_the_go_cli_is_named_and_not_ours(tmp_path: Path, flat: bool) -> None:
    home = Home(tmp_path)
    with go_daemon(tmp_path) as pid:
        home.state(run_id=None, pid=pid)
        if flat:  # where an older one keeps it
            os.rename(home.session().state, home.session().flat_state)
        [view] = living(home.paths)
    assert (view.phase, view.running, view.note) == (OTHER, False, FOREIGN)
    assert (view.pid, view.project) == (pid, "/home/u/app")


def test_running_sessions_come_first_and_in_order(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state("aaaaaaaa", started_at="2026-03-01T10:00:00Z")
    home.state(ONE, started_at="2026-03-01T12:00:00Z")
    home.state(TWO, started_at="2026-03-01T11:00:00Z")
    with home.locked(ONE), home.locked(TWO):
        assert [view.id for view in living(home.paths)] == [TWO, ONE, "aaaaaaaa"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_daemon_whose_state_cannot_be_read_is_running_all_the_same(
    tmp_path: Path, content: bytes
) -> None:
    home = Home(tmp_path)
    (tmp_path / "confab" / "sync" / "claude-code" / f"{ONE}.json").write_bytes(content)
    with home.locked():
        [view] = living(home.paths)
    assert (view.running, view.phase, view.note) == (True, "starting", UNREADABLE_STATE)
    [view] = living(home.paths)
    assert (view.running, view.note) == (False, DIED)


def test_inbox_without_anything_else_is_a_session(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "confab" / "sync" / "claude-code" / f"{ONE}.inbox.jsonl").write_bytes(b"\xff{")
    assert [(view.id, view.note) for view in living(home.paths)] == [(ONE, DIED)]


def test_directory_in_place_of_a_lock_is_no_daemon(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state()
    os.mkdir(home.session().lock)
    assert not described(home.session(), PROCESSES).running


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = [
    *("phase", "pid", "connection", "reason", "cwd", "transcript_path", "lines", "bytes"),
    *("files", "files_omitted", "last_error", "phase_since", "started_at", "daemon"),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_state_of_any_content_is_told_with_the_right_types(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    paths = SessionPaths(str(tmp_path), "claude-code", ONE)
    (tmp_path / f"{ONE}.json").write_text(quickjson.dumps({"run_id": "x", **fields}))
    view = described(paths, PROCESSES)
    assert isinstance(view.lines, int)
    assert view.lines >= 0
    for text in (view.phase, view.project, view.connection, view.last_error, view.since):
        assert isinstance(text, str)
    assert all(isinstance(file, FileView) for file in view.files)


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"reason": 5}'])
def test_marker_keeps_off_whatever_is_in_it(tmp_path: Path, content: bytes | None) -> None:
    home = Home(tmp_path)
    marker.put(home.session().off, marker.STOPPED)
    if content is not None:
        (tmp_path / "confab" / "sync" / "claude-code" / f"{ONE}.off").write_bytes(content)
    why = marker.STOPPED if content is None else "unreadable marker"
    assert kept_off(home.paths) == {ONE: why}
