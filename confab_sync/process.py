"""Which process is which, and whether it still is: all that differs between platforms.

A pid alone names whoever has it today. An `Identity` adds the start time, the boot and
the pid namespace, so that a stranger with a reused pid is never mistaken, signalled or
waited for. Imported by hooks: standard library only, the slow parts inside functions.
"""

from __future__ import annotations

import errno
import os
import sys

from confab_sync.early_errors import UnsupportedPlatform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    class Processes(Protocol):
        """What confab asks an operating system about processes."""

        boot: str
        namespace: str

        def look(self, pid: int) -> Sight | None:
            """What is known about the process `pid` now; None when there is none.

            Raises `OSError` when that cannot be told, for want of a descriptor for instance.
            """

        def executable(self, pid: int) -> str:
            """The path of the program that `pid` runs; empty when it cannot be told."""

        def arguments(self, pid: int) -> list[str]:
            """The command line of `pid`; empty when it cannot be told."""


try:
    # The module `signal` wraps every number in an enum, which costs half an interpreter start.
    import _signal as _signals  # type: ignore[import-not-found]
except ImportError:  # pragma: no cover - interpreters other than CPython
    import signal as _signals

signals: Any = _signals

LARGEST_PID = 2**31 - 1
"""What fits into the `pid_t` of every platform we run on."""

ANCESTORS = 64
"""How many generations to look up before giving up: far more than any shell nests."""


class Sight:
    """One look at one process."""

    __slots__ = ("alive", "parent", "start")

    def __init__(self, start: str, parent: int, *, alive: bool) -> None:
        self.start = start
        self.parent = parent
        self.alive = alive
        """False for a zombie: it answers signal 0 but will never do anything again."""


class Identity:
    """A process, told from every other one before and after it."""

    __slots__ = ("boot", "namespace", "pid", "start")

    def __init__(self, pid: int, start: str, boot: str, namespace: str) -> None:
        self.pid = pid
        self.start = start
        self.boot = boot
        self.namespace = namespace

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Identity(pid={self.pid}, start={self.start!r})"

    def _key(self) -> tuple[int, str, str, str]:
        return (self.pid, self.start, self.boot, self.namespace)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the state and in inbox records."""
        return {
            "pid": self.pid,
            "start": self.start,
            "boot": self.boot,
            "namespace": self.namespace,
        }

    @classmethod
    def from_json(cls, value: object) -> Identity | None:
        """Read back what `to_json` wrote; None for anything else."""
        if not isinstance(value, dict):
            return None
        pid = value.get("pid")
        rest = [value.get(name) for name in ("start", "boot", "namespace")]
        if not isinstance(pid, int) or isinstance(pid, bool) or not 0 < pid <= LARGEST_PID:
            return None
        if not all(isinstance(part, str) for part in rest):
            return None
        return cls(pid, *(str(part) for part in rest))


class LinuxProcesses:
    """Processes as `/proc` shows them."""

    def __init__(self, proc: str = "/proc") -> None:
        self._proc = proc
        try:
            self.boot = _content(f"{proc}/sys/kernel/random/boot_id")
        except OSError:
            self.boot = ""
        try:
            self.namespace = os.readlink(f"{proc}/self/ns/pid")
        except OSError:
            self.namespace = ""

    def look(self, pid: int) -> Sight | None:
        """What `/proc/<pid>/stat` says (proc(5): fields 3, 4 and 22)."""
        try:
            text = _content(f"{self._proc}/{pid}/stat")
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The command name in field 2 may hold spaces and parentheses.
        fields = text[text.rfind(")") + 1 :].split()
        if len(fields) < 20:
            return None
        return Sight(fields[19], int(fields[1]), alive=fields[0] not in "ZX")

    def executable(self, pid: int) -> str:
        """The target of `/proc/<pid>/exe`."""
        try:
            return os.readlink(f"{self._proc}/{pid}/exe")
        except OSError:
            return ""

    def arguments(self, pid: int) -> list[str]:
        """What `/proc/<pid>/cmdline` holds."""
        try:
            return _content(f"{self._proc}/{pid}/cmdline").split("\0")[:-1]
        except OSError:
            return []


class PortableProcesses:
    """Processes as POSIX `ps` shows them: macOS, and anything without `/proc`."""

    namespace = ""

    def __init__(self) -> None:
        self.boot = self._run(["sysctl", "-n", "kern.bootsessionuuid"])

    def look(self, pid: int) -> Sight | None:
        """What `ps` says of the parent, the state and the start time (seconds resolution)."""
        parts = self._ps(pid, "ppid=", "stat=", "lstart=").split(None, 2)
        if len(parts) < 3 or not parts[0].isdigit():
            return None
        return Sight(parts[2].strip(), int(parts[0]), alive=not parts[1].startswith("Z"))

    def executable(self, pid: int) -> str:
        """The `comm` of `ps`, which on macOS is the whole path."""
        return self._ps(pid, "comm=")

    def arguments(self, pid: int) -> list[str]:
        """The command line as `ps` prints it, split at blanks."""
        return self._ps(pid, "args=").split()

    def _ps(self, pid: int, *columns: str) -> str:
        # One -o for each: POSIX takes everything after a `=` for that column's header.
        chosen = [word for column in columns for word in ("-o", column)]
        return self._run(["ps", "-ww", *chosen, "-p", str(pid)])

    @staticmethod
    def _run(command: list[str]) -> str:
        import subprocess

        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=5,
                check=False,
                # A start time that changes with the laptop's time zone is no identity.
                env={"PATH": "/bin:/usr/bin:/sbin:/usr/sbin", "LC_ALL": "C", "TZ": "UTC0"},
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.strip()


def this_platform() -> Processes:
    """The processes of the machine we run on. Raises `UnsupportedPlatform` elsewhere."""
    if sys.platform.startswith("linux") and os.path.exists("/proc/self/stat"):
        return LinuxProcesses()
    if sys.platform == "darwin" or sys.platform.startswith("linux"):
        return PortableProcesses()
    raise UnsupportedPlatform("confab runs on macOS and Linux only")


def identify(processes: Processes, pid: int) -> Identity | None:
    """The identity of the living process `pid`; None when there is none or it is a zombie.

    A process that cannot be looked at is nobody we know.
    """
    try:
        sight = processes.look(pid) if pid > 0 else None
    except OSError:
        return None
    if sight is None or not sight.alive:
        return None
    return Identity(pid, sight.start, processes.boot, processes.namespace)


def is_alive(processes: Processes, identity: Identity) -> bool:
    """Whether exactly this process still lives.

    A process of another pid namespace (a container that shares the home directory)
    cannot be looked at and counts as alive until its boot is over.
    """
    if identity.boot != processes.boot:
        return False
    if identity.namespace != processes.namespace:
        return True
    return identify(processes, identity.pid) == identity


def may_live(processes: Processes, identity: Identity) -> bool:
    """Whether exactly this process still lives, or cannot be looked at now.

    For those who would otherwise give it up: without a free descriptor nobody can be seen.
    """
    if is_alive(processes, identity):
        return True
    try:
        processes.look(identity.pid)
    except OSError:
        return identity.boot == processes.boot
    return False


def send_signal(processes: Processes, identity: Identity, number: int) -> bool:
    """Send the signal `number` to exactly this process; False when it is not there any more.

    Through a pidfd where there is one, so that the pid cannot change hands in between.
    Raises `PermissionError` when the process belongs to somebody else.
    """
    if identity.namespace != processes.namespace:
        return False
    if not hasattr(os, "pidfd_open"):
        return _send_by_pid(processes, identity, number)
    try:
        descriptor = os.pidfd_open(identity.pid)
    except OSError as error:
        if error.errno in {errno.ENOSYS, errno.EPERM}:  # an old kernel, or a seccomp filter
            return _send_by_pid(processes, identity, number)
        return False
    try:
        if not is_alive(processes, identity):
            return False
        signals.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def _send_by_pid(processes: Processes, identity: Identity, number: int) -> bool:
    if not is_alive(processes, identity):
        return False
    try:
        os.kill(identity.pid, number)
    except ProcessLookupError:
        return False
    return True


def ancestors(processes: Processes, pid: int) -> Iterator[int]:
    """The parent of `pid`, its parent and so on, up to but without init."""
    for _ in range(ANCESTORS):
        try:
            sight = processes.look(pid)
        except OSError:
            return
        if sight is None or sight.parent <= 1:
            return
        pid = sight.parent
        yield pid


def _content(path: str) -> str:
    """Raises `OSError`: `ProcessLookupError` when the process goes away under the reader."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 65536).decode("utf-8", "surrogateescape").strip()
    finally:
        os.close(descriptor)
