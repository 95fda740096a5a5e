from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from confab_sync.paths import SessionPaths
from confab_sync.presence import lock, spawn
from confab_sync.presence import state as states
from confab_sync.process import identify, this_platform
from tests.daemons import daemon_of, wait_until_free
from tests.presence.factories import TRANSCRIPT, session_at, take
from tests.processes import CHECKOUT, finish, python

DAEMON = """
import json, os, signal, stat, sys
sys.path.insert(0, sys.argv[3])
from confab_sync.presence import lock
open_ones = []
for number in range(256):
    try:
        status = os.fstat(number)
    except OSError:
        continue
    open_ones.append((number, stat.S_ISCHR(status.st_mode)))
report = {
    "files": open_ones,
    "pid": os.getpid(),
    "session": os.getsid(0),
    "group": os.getpgid(0),
    "environ": dict(os.environ),
    "umask": os.umask(0),
    "directory": os.getcwd(),
    "lock": lock.confirm(sys.argv[4], 3),
}
open(sys.argv[2]).read()  # until the test lets go
report["pending"] = sorted(int(number) for number in signal.sigpending())
report["blocked"] = sorted(int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, []))
json.dump(report, open(sys.argv[1], "w"))
"""

ENVIRON = {"HOME": "/h", "PATH": os.defpath, "LC_ALL": "C.UTF-8"}


class Stage:
    """A session whose daemon reports on itself when the test lets it go on."""

    def __init__(self, directory: Path) -> None:
        self.paths: SessionPaths = session_at(directory)
        self.report_path = f"{directory}/report"
        self.gate = f"{directory}/gate"
        os.mkfifo(self.gate)
        self.command = [
            *(sys.executable, "-I", "-c", DAEMON),
            *(self.report_path, self.gate, CHECKOUT, self.paths.lock),
        ]

    def state(self) -> states.State:
        return states.initial(
            self.paths, transcript_path=TRANSCRIPT, cwd="/h", parent=None, run_id="r"
        )

    def start(self, environ: dict[str, str] | None = None) -> bool:
        taken = take(self.paths)
        return spawn.start(self.paths.state, taken, self.state(), self.command, environ or ENVIRON)

    def report(self) -> dict[str, Any]:
        """Let the daemon go on, and return what it has written when it has ended."""
        with open(self.gate, "w"):
            pass
        wait_until_free(self.paths)
        with open(self.report_path) as stream:
            report = json.load(stream)
        assert isinstance(report, dict)
        return report


def test_the_pid_is_on_record_before_the_starter_goes_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.start()
    daemon = daemon_of(stage.paths)
    assert identify(this_platform(), daemon.pid) == daemon
    assert stage.report()["pid"] == daemon.pid


def test_the_daemon_is_nobodys_child_and_has_a_session_of_its_own(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.start()
    pid = daemon_of(stage.paths).pid
    sight = this_platform().look(pid)
    assert sight is not None
    assert sight.parent != os.getpid()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    report = stage.report()
    assert report["session"] not in (os.getsid(0), pid)
    assert report["group"] == report["session"]


def test_it_inherits_the_null_device_and_the_lock_and_nothing_else(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    leak = os.dup(1)
    high = os.dup2(1, 200)
    assert stage.start()
    os.close(leak)
    os.close(high)
    report = stage.report()
    assert report["files"] == [[0, True], [1, True], [2, True], [3, False]]
    assert report["lock"]


def test_the_lock_is_held_without_a_gap_and_the_starters_copy_is_closed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    taken = take(stage.paths)
    spawn.start(stage.paths.state, taken, stage.state(), stage.command, ENVIRON)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(taken)
    assert lock.is_held(stage.paths.lock)
    assert lock.take(stage.paths.lock) is None
    stage.report()
    assert not lock.is_held(stage.paths.lock)


def test_the_environment_is_a_keep_list(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    secrets = {"ANTHROPIC_API_KEY": "sk", "CLAUDE_CODE_MESSAGING_TOKEN": "t", "LD_X": "x"}
    assert stage.start({**ENVIRON, **secrets, "CONFAB_HOME": "/c"})
    environ = stage.report()["environ"]
    assert ENVIRON.items() <= environ.items()
    assert environ["CONFAB_HOME"] == "/c"
    assert not secrets.keys() & environ.keys()


def test_signals_wait_until_the_daemon_is_ready_for_them(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert stage.start()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    sent = sorted(int(number) for number in spawn.BLOCKED)
    for number in sent:
        os.kill(daemon_of(stage.paths).pid, number)
    report = stage.report()
    assert report["pending"] == sent
    assert report["blocked"] == sent
    assert {signal.SIGTERM, signal.SIGINT, signal.SIGHUP} <= spawn.BLOCKED


def test_its_files_are_private_and_it_keeps_no_directory_busy(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.start()
    report = stage.report()
    assert (report["umask"], report["directory"]) == (0o077, "/")


def test_without_a_place_for_the_state_there_is_no_daemon_and_the_session_is_free(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    os.mkdir(stage.paths.state)
    assert not stage.start()
    assert not lock.is_held(stage.paths.lock)
    assert not os.path.exists(stage.report_path)


def test_without_another_process_the_session_is_free_and_nothing_leaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    stage = Stage(tmp_path)
    lowest = os.dup(0)
    os.close(lowest)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    monkeypatch.setattr(os, "fork", no_more)
    with pytest.raises(OSError, match="temporarily unavailable"):
        stage.start()
    assert not lock.is_held(stage.paths.lock)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    again = os.dup(0)
    os.close(again)
    assert again == lowest


def test_a_daemon_that_cannot_be_executed_gives_the_lock_up(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.command[0] = f"{tmp_path}/no-such-python"
    assert stage.start()
    wait_until_free(stage.paths)
    assert not lock.is_held(stage.paths.lock)


STARTER = """
import os, sys
from confab_sync.paths import SessionPaths
from confab_sync.presence import lock, spawn, state
directory, mode, command = sys.argv[1], sys.argv[2], sys.argv[3:]
paths = SessionPaths(directory, "claude-code", "s")
if mode == "closed":
    for standard in (0, 1, 2):
        os.close(standard)
elif mode == "killed":
    os.waitpid = lambda pid, options: os._exit(0)  # right after the fork
taken = lock.take(paths.lock)
first = state.initial(paths, transcript_path="", cwd="", parent=None, run_id="r")
spawn.start(paths.state, taken, first, command, os.environ)
os._exit(0)
"""


@pytest.mark.parametrize("mode", ["closed", "killed"])
def test_a_daemon_starts_also_from_a_process_that(tmp_path: Path, mode: str) -> None:
    """That has no standard files, or is killed while it starts it."""
    stage = Stage(tmp_path)
    finish(python(STARTER, str(tmp_path), mode, *stage.command))
    report = stage.report()
    assert report["files"] == [[0, True], [1, True], [2, True], [3, False]]
    assert report["lock"]


def test_the_small_image_runs_without_site_packages_and_the_large_one_with(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    rest = spawn.daemon_command("rest", paths)
    work = spawn.daemon_command("work", paths, "7")
    boot = f"{CHECKOUT}/confab_sync/boot.py"
    assert rest == [sys.executable, "-I", "-S", boot, "daemon-rest", "claude-code", "s"]
    assert work == [sys.executable, "-I", boot, "daemon-work", "claude-code", "s", "7"]
