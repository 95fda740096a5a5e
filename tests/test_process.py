from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync import process
from confab_sync.errors import UnsupportedPlatform
from confab_sync.process import (
    Identity,
    LinuxProcesses,
    PortableProcesses,
    Sight,
    ancestors,
    identify,
    is_alive,
    may_live,
    send_signal,
    this_platform,
)
from tests.processes import FakeProcesses, finish, kill, line_of, python

if TYPE_CHECKING:
    from confab_sync.process import Processes

SLEEPER = "import sys; print('ready', flush=True); sys.stdin.read()"
NO_SUCH_PID = 2**22 + 1
"""Above the largest pid that Linux hands out."""


def fake_proc(root: Path, pid: int, *, name: str, state: str = "S", start: int = 4711) -> None:
    """A `/proc/<pid>` whose stat line holds `name` as its command."""
    directory = root / str(pid)
    directory.mkdir()
    numbers = " ".join(str(number) for number in range(5, 22))
    (directory / "stat").write_text(f"{pid} ({name}) {state} 77 {numbers} {start} 0 0\n")


@contextmanager
def sleeper() -> Iterator[int]:
    child = python(SLEEPER)
    assert line_of(child) == "ready"
    try:
        yield child.pid
    finally:
        kill(child)


def a_zombie() -> int:
    """The pid of a child that has ended and was not waited for."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), max_size=15))
def test_a_command_name_may_hold_anything(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    root = tmp_path_factory.mktemp("proc")
    fake_proc(root, 12, name=name)
    sight = LinuxProcesses(str(root)).look(12)
    assert sight is not None
    assert (sight.start, sight.parent, sight.alive) == ("4711", 77, True)


@pytest.mark.parametrize("name", ["tmux: server", ") Z 1 (", "a) b) c", "((("])
def test_spaces_and_parentheses_in_a_command_name_do_not_move_the_fields(
    tmp_path: Path, name: str
) -> None:
    fake_proc(tmp_path, 12, name=name)
    sight = LinuxProcesses(str(tmp_path)).look(12)
    assert sight is not None
    assert (sight.start, sight.parent, sight.alive) == ("4711", 77, True)


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_zombie_is_seen_but_not_alive(tmp_path: Path, state: str) -> None:
    fake_proc(tmp_path, 12, name="claude", state=state)
    processes = LinuxProcesses(str(tmp_path))
    sight = processes.look(12)
    assert sight is not None
    assert not sight.alive
    assert identify(processes, 12) is None


@pytest.mark.parametrize("stat", ["", "12 (claude) S 1", "12 (claude", "\x00\x00"])
def test_a_stat_that_makes_no_sense_is_no_process(tmp_path: Path, stat: str) -> None:
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "stat").write_text(stat)
    assert LinuxProcesses(str(tmp_path)).look(12) is None


def test_without_a_process_nothing_is_known(tmp_path: Path) -> None:
    processes = LinuxProcesses(str(tmp_path))
    assert processes.look(12) is None
    assert processes.executable(12) == ""
    assert processes.arguments(12) == []
    assert (processes.boot, processes.namespace) == ("", "")


def test_who_cannot_be_looked_at_is_neither_called_dead_nor_signalled(tmp_path: Path) -> None:
    """As when no descriptor is left: reading a directory fails like that, for root too."""
    (tmp_path / "12" / "stat").mkdir(parents=True)
    processes = LinuxProcesses(str(tmp_path))
    somebody = Identity(12, "4711", processes.boot, processes.namespace)
    with pytest.raises(OSError, match="directory"):
        processes.look(12)
    assert may_live(processes, somebody)
    assert not is_alive(processes, somebody)
    assert identify(processes, 12) is None
    assert list(ancestors(processes, 12)) == []
    assert not may_live(processes, Identity(13, "4711", processes.boot, processes.namespace))
    assert not may_live(processes, Identity(12, "4711", "last boot", processes.namespace))


def test_the_command_line_is_split_where_the_kernel_ends_an_argument(tmp_path: Path) -> None:
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "cmdline").write_bytes(b"node\0/opt/my app/cli.js\0\0--print\0")
    arguments = LinuxProcesses(str(tmp_path)).arguments(12)
    assert arguments == ["node", "/opt/my app/cli.js", "", "--print"]


def real_tables() -> list[Processes]:
    return [this_platform(), PortableProcesses()]


@pytest.mark.parametrize("processes", real_tables(), ids=lambda it: type(it).__name__)
def test_this_very_process_is_found_with_its_parent_and_program(processes: Processes) -> None:
    sight = processes.look(os.getpid())
    assert sight is not None
    assert sight.alive
    assert sight.start
    assert sight.parent == os.getppid()
    assert "py" in os.path.basename(processes.executable(os.getpid()))
    told = " ".join(processes.arguments(os.getpid()))
    assert told.split() == " ".join(sys.orig_argv).split()  # `ps` tells no words apart


@pytest.mark.parametrize("processes", real_tables(), ids=lambda it: type(it).__name__)
def test_a_pid_that_nobody_has_is_no_process(processes: Processes) -> None:
    assert processes.look(NO_SUCH_PID) is None
    assert processes.executable(NO_SUCH_PID) == ""
    assert processes.arguments(NO_SUCH_PID) == []


@pytest.mark.parametrize("processes", real_tables(), ids=lambda it: type(it).__name__)
def test_a_real_zombie_is_dead(processes: Processes) -> None:
    pid = a_zombie()
    try:
        sight = processes.look(pid)
        assert sight is not None
        assert not sight.alive
        assert identify(processes, pid) is None
    finally:
        os.waitpid(pid, 0)
    assert processes.look(pid) is None


def test_the_portable_start_time_does_not_depend_on_language_or_time_zone() -> None:
    """Otherwise a laptop that travels would no longer know its own processes."""
    command = ["/bin/sh", "-c", 'echo "$LC_ALL $TZ"']
    assert PortableProcesses._run(command) == "C UTC0"


def test_without_ps_nothing_is_known_and_nothing_breaks(tmp_path: Path) -> None:
    class Elsewhere(PortableProcesses):
        def _ps(self, pid: int, *columns: str) -> str:
            return self._run([f"{tmp_path}/ps", *columns])

    processes = Elsewhere()
    assert processes.look(os.getpid()) is None
    assert (processes.executable(1), processes.arguments(1)) == ("", [])


def test_the_platform_decides_how_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert isinstance(this_platform(), PortableProcesses)
    monkeypatch.setattr(sys, "platform", "linux")
    exists = os.path.exists
    monkeypatch.setattr(os.path, "exists", lambda path: path != "/proc/self/stat" and exists(path))
    assert isinstance(this_platform(), PortableProcesses)


def test_other_platforms_are_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UnsupportedPlatform, match="macOS and Linux only"):
        this_platform()


def test_an_identity_survives_being_written_down() -> None:
    identity = Identity(7, "100", "boot", "pid:[1]")
    assert Identity.from_json(identity.to_json()) == identity
    assert hash(Identity.from_json(identity.to_json())) == hash(identity)


@pytest.mark.parametrize("name", ["pid", "start", "boot", "namespace"])
@pytest.mark.parametrize("value", [None, True, -1, 0, 2**31, 2**70, 1.5, [], {}])
def test_what_is_not_an_identity_is_none(name: str, value: object) -> None:
    fields = {**Identity(7, "100", "boot", "pid:[1]").to_json(), name: value}
    assert Identity.from_json(fields) is None


@pytest.mark.parametrize("value", [None, [], "7", 7, {}, {"pid": 7}])
def test_what_is_not_even_an_object_is_no_identity(value: object) -> None:
    assert Identity.from_json(value) is None


def test_a_living_process_is_itself() -> None:
    processes = FakeProcesses()
    assert is_alive(processes, processes.add(7))


@pytest.mark.parametrize(
    "other",
    [
        Identity(7, "99", "this boot", "pid:[1]"),
        Identity(7, "100", "another boot", "pid:[1]"),
        Identity(8, "100", "this boot", "pid:[1]"),
        Identity(7, "100", "another boot", "pid:[2]"),
    ],
    ids=["reused pid", "other boot", "other pid", "other boot and namespace"],
)
def test_a_stranger_is_never_taken_for_somebody_else(other: Identity) -> None:
    processes = FakeProcesses()
    processes.add(7)
    assert not is_alive(processes, other)
    assert other != identify(processes, 7)


def test_a_process_of_another_namespace_may_live_but_is_never_signalled() -> None:
    processes = FakeProcesses()
    with sleeper() as pid:
        processes.add(pid)
        elsewhere = Identity(pid, "100", "this boot", "pid:[2]")
        assert is_alive(processes, elsewhere)
        assert not send_signal(processes, elsewhere, signal.SIGKILL)
        assert identify(this_platform(), pid) is not None


@contextmanager
def only_by_pid(monkeypatch: pytest.MonkeyPatch, how: str) -> Iterator[None]:
    """Take the pidfd away, as a platform, an old kernel or a seccomp filter does."""

    def refuse(_pid: int) -> int:
        raise OSError(getattr(errno, how), how)

    with monkeypatch.context() as patch:
        if how == "absent":
            patch.delattr(os, "pidfd_open", raising=False)
        elif how != "present":
            patch.setattr(os, "pidfd_open", refuse, raising=False)
        yield


WAYS = ["present", "absent", "ENOSYS", "EPERM"]


@pytest.mark.parametrize("how", WAYS)
def test_a_signal_reaches_exactly_the_process_it_is_for(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    processes = this_platform()
    child = python(SLEEPER)
    assert line_of(child) == "ready"
    identity = identify(processes, child.pid)
    assert identity is not None
    with only_by_pid(monkeypatch, how):
        assert send_signal(processes, identity, signal.SIGTERM)
    child.communicate()
    assert child.returncode == -signal.SIGTERM


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("part", ["start", "boot"])
def test_without_an_identity_match_no_signal_is_sent(
    monkeypatch: pytest.MonkeyPatch, how: str, part: str
) -> None:
    processes = this_platform()
    child = python(SLEEPER)
    assert line_of(child) == "ready"
    identity = identify(processes, child.pid)
    assert identity is not None
    stranger = Identity.from_json({**identity.to_json(), part: "something else"})
    assert stranger is not None
    with only_by_pid(monkeypatch, how):
        assert not send_signal(processes, stranger, signal.SIGTERM)
    finish(child)  # it ended by itself, at the end of its input


@pytest.mark.parametrize("how", WAYS)
def test_a_signal_to_somebody_who_has_gone_says_so(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    processes = this_platform()
    child = python(SLEEPER)
    assert line_of(child) == "ready"
    identity = identify(processes, child.pid)
    assert identity is not None
    kill(child)
    with only_by_pid(monkeypatch, how):
        assert not send_signal(processes, identity, signal.SIGTERM)


def test_a_process_that_ends_between_look_and_signal_says_so() -> None:
    class EndsWhenSeen(FakeProcesses):
        def look(self, pid: int) -> Sight | None:
            kill(child)
            return super().look(pid)

    child = python(SLEEPER)
    assert line_of(child) == "ready"
    processes = EndsWhenSeen()
    identity = processes.add(child.pid)
    assert not process._send_by_pid(processes, identity, signal.SIGTERM)


def test_ancestors_are_named_up_to_init() -> None:
    processes = FakeProcesses()
    processes.add(30, parent=20)
    processes.add(20, parent=10)
    processes.add(10, parent=1)
    assert list(ancestors(processes, 30)) == [20, 10]


def test_ancestors_end_where_a_process_cannot_be_seen_or_a_circle_closes() -> None:
    processes = FakeProcesses()
    processes.add(30, parent=20)
    assert list(ancestors(processes, 30)) == [20]
    processes.add(20, parent=30)
    assert len(list(ancestors(processes, 30))) == process.ANCESTORS
