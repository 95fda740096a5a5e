from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confab_sync.paths import Paths, SessionPaths
from confab_sync.presence import inbox, lock, marker, session
from confab_sync.presence import state as states
from confab_sync.process import Identity, identify, this_platform
from tests.daemons import daemon_of, end_daemon
from tests.presence.factories import files_in, session_at, start, state_of, take
from tests.processes import FakeProcesses, finish, kill, line_of, python

LISTENER = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
print("ready", flush=True)
print(signal.sigwait([signal.SIGUSR1, signal.SIGTERM]).name, flush=True)
"""

SLEEPER = "import sys; print('ready', flush=True); sys.stdin.read()"

STARTER = """
import os, sys
from confab_sync.paths import Paths
from confab_sync.presence import session
from confab_sync.process import this_platform
print("ready", flush=True)
sys.stdin.readline()
paths = Paths(os.environ).session("s")
print(session.ensure_daemon(
    paths, this_platform(), os.environ, transcript_path=sys.argv[1], cwd="/", parent=None
))
"""


def world(tmp_path: Path) -> tuple[SessionPaths, dict[str, str]]:
    """A session of a home of its own, and the environment that says so."""
    environ = {"HOME": str(tmp_path), "PATH": os.defpath, "CONFAB_HOME": f"{tmp_path}/confab"}
    return Paths(environ).session("s"), environ


def transcript(tmp_path: Path) -> str:
    return f"{tmp_path}/.claude/projects/p/s.jsonl"


def announced(tmp_path: Path) -> tuple[SessionPaths, dict[str, str]]:
    """The same after this very process, as Claude Code, has opened the session."""
    paths, environ = world(tmp_path)
    session.announce(paths, start(identify(this_platform(), os.getpid()), transcript(tmp_path)))
    return paths, environ


def ensure(paths: SessionPaths, environ: dict[str, str], tmp_path: Path) -> bool:
    return session.ensure_daemon(
        paths,
        this_platform(),
        environ,
        transcript_path=transcript(tmp_path),
        cwd="/",
        parent=identify(this_platform(), os.getpid()),
    )


def test_a_session_without_a_daemon_gets_one_that_holds_its_lock(tmp_path: Path) -> None:
    paths, environ = announced(tmp_path)
    assert ensure(paths, environ, tmp_path)
    assert lock.is_held(paths.lock)
    state = states.read(paths.state)
    assert state is not None
    assert states.is_ours(state)
    assert state["parent_pid"] == os.getpid()
    assert state["transcript_path"] == transcript(tmp_path)
    end_daemon(paths)


def test_a_session_with_a_daemon_gets_no_second_one(tmp_path: Path) -> None:
    paths, environ = announced(tmp_path)
    assert ensure(paths, environ, tmp_path)
    first = daemon_of(paths)
    assert not ensure(paths, environ, tmp_path)
    assert daemon_of(paths) == first
    end_daemon(paths)


def test_of_many_starters_at_once_exactly_one_starts_it(tmp_path: Path) -> None:
    paths, environ = announced(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        starters = [python(STARTER, transcript(tmp_path)) for _ in range(4)]
        assert {line_of(starter) for starter in starters} == {"ready"}
        for starter in starters:
            assert starter.stdin is not None
            starter.stdin.write("\n")
            starter.stdin.flush()
        assert sorted(finish(starter) for starter in starters) == ["False\n"] * 3 + ["True\n"]
    end_daemon(paths)


def test_a_dead_daemons_state_and_lock_file_do_not_keep_a_new_one_away(tmp_path: Path) -> None:
    paths, environ = announced(tmp_path)
    assert ensure(paths, environ, tmp_path)
    dead = daemon_of(paths)
    end_daemon(paths)
    assert os.path.exists(paths.state)
    assert ensure(paths, environ, tmp_path)
    assert daemon_of(paths) != dead
    end_daemon(paths)


@pytest.mark.parametrize("why", [marker.STOPPED, marker.DELETED])
def test_a_session_that_stays_off_gets_no_daemon(tmp_path: Path, why: str) -> None:
    paths, environ = announced(tmp_path)
    marker.put(paths.off, why)
    assert not ensure(paths, environ, tmp_path)
    assert not lock.is_held(paths.lock)


def test_what_a_daemon_has_taken_in_before_it_left_needs_no_second_one(tmp_path: Path) -> None:
    """A slow hook comes back to find its record heard, and everything tidied up."""
    paths, environ = announced(tmp_path)
    os.unlink(paths.inbox)
    assert not ensure(paths, environ, tmp_path)
    assert files_in(paths.directory) == []


def test_a_record_creates_the_sessions_private_directory(tmp_path: Path) -> None:
    paths, _ = announced(tmp_path)
    assert len(inbox.read(paths.inbox)[0]) == 1
    assert os.stat(paths.directory).st_mode & 0o777 == 0o700


def test_a_file_where_the_directory_should_be_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "confab").write_text("")
    with pytest.raises(OSError):  # noqa: PT011
        announced(tmp_path)


def test_a_daemon_is_nudged_by_its_identity(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    listener = python(LISTENER)
    assert line_of(listener) == "ready"
    state_of(paths, identify(this_platform(), listener.pid))
    assert session.nudge(paths, this_platform())
    assert finish(listener) == "SIGUSR1\n"


@contextmanager
def bystander() -> Iterator[Identity]:
    """A process that has nothing to do with us, and must be there at the end."""
    child = python(SLEEPER)
    assert line_of(child) == "ready"
    identity = identify(this_platform(), child.pid)
    assert identity is not None
    try:
        yield identity
        finish(child)
    finally:
        kill(child)


def test_nobody_is_nudged_without_a_state(tmp_path: Path) -> None:
    assert not session.nudge(session_at(tmp_path), this_platform())


@pytest.mark.parametrize(
    "wrong",
    [
        {"daemon": None},
        {"daemon": {}},
        {"daemon": {"pid": "x"}},
        {"start": "1"},
        {"boot": "another"},
        {"namespace": "pid:[7]"},
        {"run_id": None},
    ],
    ids=str,
)
def test_a_stranger_who_has_the_daemons_pid_now_is_never_signalled(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    paths = session_at(tmp_path)
    with bystander() as somebody:
        state = state_of(paths, somebody)
        if "daemon" in wrong or "run_id" in wrong:
            states.write(paths.state, {**state, **wrong})
        else:
            states.write(paths.state, {**state, "daemon": {**somebody.to_json(), **wrong}})
        assert not session.nudge(paths, this_platform())


def test_a_pid_beyond_every_platforms_is_nobody(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    huge = {**Identity(7, "1", "b", "n").to_json(), "pid": 2**70}
    states.write(paths.state, {"run_id": "r", "pid": 2**70, "daemon": huge})
    assert not session.nudge(paths, this_platform())


def test_a_living_go_daemon_is_seen_and_left_alone(tmp_path: Path) -> None:
    paths, environ = announced(tmp_path)
    processes = FakeProcesses()
    processes.add(77, "/home/ada/.local/bin/confab", "hook")
    states.write(paths.state, {"provider": "claude-code", "pid": 77})
    assert session.foreign_daemon(paths, processes) == 77
    assert not session.ensure_daemon(
        paths, processes, environ, transcript_path="", cwd="", parent=None
    )
    assert not lock.is_held(paths.lock)


@pytest.mark.parametrize("program", ["/bin/confab (deleted)", "/bin/confab"])
def test_a_go_daemon_is_known_by_its_program(tmp_path: Path, program: str) -> None:
    paths = session_at(tmp_path)
    processes = FakeProcesses()
    processes.add(77, program)
    states.write(paths.state, {"pid": 77})
    assert session.foreign_daemon(paths, processes) == 77


@pytest.mark.parametrize(
    "state",
    [{}, {"pid": 0}, {"pid": -1}, {"pid": 2**70}, {"pid": "77"}, {"pid": None}, {"pid": True},
     {"pid": 78}, {"pid": 79}, {"pid": 80}, {"pid": 77, "run_id": "ours"}],
    ids=str,
)  # fmt: skip
def test_a_stale_or_broken_state_is_no_go_daemon(tmp_path: Path, state: states.State) -> None:
    paths = session_at(tmp_path)
    processes = FakeProcesses()
    processes.add(77, "/bin/confab")
    processes.add(78, "/usr/bin/firefox")  # the pid has passed to a stranger
    processes.add(79, "/bin/confab", alive=False)
    states.write(paths.state, state)
    assert session.foreign_daemon(paths, processes) is None


def test_without_a_state_there_is_no_go_daemon(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    assert session.foreign_daemon(paths, this_platform()) is None
    Path(paths.state).write_text("{broken")
    assert session.foreign_daemon(paths, this_platform()) is None


def test_somebody_else_holding_the_lock_is_reason_enough_not_to_start(tmp_path: Path) -> None:
    paths, environ = announced(tmp_path)
    taken = take(paths)
    assert not ensure(paths, environ, tmp_path)
    assert not os.path.exists(paths.state)
    os.close(taken)


def test_a_go_daemon_of_an_older_version_keeps_its_state_elsewhere(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    processes = FakeProcesses()
    processes.add(77, "/bin/confab")
    states.write(paths.flat_state, {"pid": 77})
    assert session.foreign_daemon(paths, processes) == 77
    states.write(paths.state, {"pid": 78})  # the newer one is dead, the older one lives
    assert session.foreign_daemon(paths, processes) == 77
