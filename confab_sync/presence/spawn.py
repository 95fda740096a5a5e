"""Starting a daemon so that nothing of its starter clings to it.

Detached twice: re-parented to init and in a session of its own, because Claude Code
kills the whole tree under a hook that overruns (behaviour sheet §4). The process writes
the state with its own pid before it becomes the daemon, so the pid is on record before
the hook has answered.
"""

from __future__ import annotations

import fcntl
import os
import sys

from confab_sync.inheritance import close_descriptors_above, kept_environment
from confab_sync.presence import state as states
from confab_sync.presence.lock import LOCK_FD
from confab_sync.presence.session import NUDGE
from confab_sync.process import identify, signals, this_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.paths import SessionPaths
    from confab_sync.presence.state import State

STOPPING_SIGNALS = (signals.SIGTERM, signals.SIGINT, signals.SIGHUP)
"""What ends a daemon; blocked from before its first instruction until it is ready."""

BLOCKED = frozenset((*STOPPING_SIGNALS, NUDGE))

SPARE_FD = 10
"""The first of the descriptors that are used in passing, clear of those a daemon is given."""


def daemon_command(image: str, paths: SessionPaths, *arguments: str) -> list[str]:
    """The command line of a daemon's image, `rest` or `work`.

    The resting image runs without site-packages, which is what makes it small.
    """
    flags = ["-I", "-S"] if image == "rest" else ["-I"]
    lane = f"daemon-{image}"
    return [sys.executable, *flags, _boot(), lane, paths.provider, paths.external_id, *arguments]


def finisher_command() -> list[str]:
    """The command line of the process that finishes sessions without a daemon."""
    return [sys.executable, "-I", _boot(), "finisher"]


def waking_command(*, at_once: bool = False) -> list[str]:
    """The command line that starts the finisher: for callers with threads, who must not fork.

    With `at_once` also if it is not due.
    """
    return [sys.executable, "-I", "-S", _boot(), "finisher-wake", *(["now"] if at_once else [])]


def boot_is_there() -> bool:
    """Whether the package that daemons are started from is still installed."""
    return os.path.exists(_boot())


def _boot() -> str:
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.join(package, "boot.py")


def start(
    state_path: str, lock: int, state: State, command: list[str], environ: Mapping[str, str]
) -> bool:
    """Start a process that inherits `lock`, and wait until its state is at `state_path`.

    Closes `lock` here without unlocking it: that would free the daemon's as well.
    Returns False when the daemon could not be started; the session is then free again.
    Raises `OSError` when there can be no further process, and frees the session too.
    """
    environment = kept_environment(environ)
    reader, writer = os.pipe()
    previous = signals.pthread_sigmask(signals.SIG_BLOCK, BLOCKED)
    try:
        try:
            child = os.fork()
            if child == 0:
                _detach(state_path, lock, state, command, environment, writer)
        finally:
            os.close(writer)
        os.waitpid(child, 0)
        return os.read(reader, 1) == b"+"
    finally:
        signals.pthread_sigmask(signals.SIG_SETMASK, previous)
        os.close(reader)
        os.close(lock)


def _detach(
    state_path: str,
    lock: int,
    state: State,
    command: list[str],
    environment: dict[str, str],
    report: int,
) -> None:
    """In the first child: leave the session, let init adopt the second child, end."""
    try:
        os.setsid()
        if os.fork() == 0:
            _become(state_path, lock, state, command, environment, report)
    finally:
        os._exit(0)


def _become(
    state_path: str,
    lock: int,
    state: State,
    command: list[str],
    environment: dict[str, str],
    report: int,
) -> None:
    """In the second child: put the pid on record, then become the daemon."""
    try:
        os.umask(0o077)
        state["pid"] = os.getpid()
        myself = identify(this_platform(), os.getpid())
        state["daemon"] = myself.to_json() if myself else None
        states.write(state_path, state)
        os.write(report, b"+")
        # Moved away first: a caller may have closed any of 0 to 3, and the lock be one of them.
        lock = fcntl.fcntl(lock, fcntl.F_DUPFD, SPARE_FD)
        null = fcntl.fcntl(os.open(os.devnull, os.O_RDWR), fcntl.F_DUPFD, SPARE_FD)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.dup2(lock, LOCK_FD)
        close_descriptors_above(LOCK_FD)
        os.chdir("/")
        os.execve(command[0], command, environment)
    except BaseException:  # whatever it was, this copy of the hook must not run on
        os._exit(1)
