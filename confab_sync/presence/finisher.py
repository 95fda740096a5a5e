"""The one process per user that finishes sessions without a daemon: starting and stopping it.

Whoever holds its lock is it. It is started like a daemon: the starter takes the lock and
the process inherits it, so of several starters one succeeds.
"""

from __future__ import annotations

import os
import time

from confab_sync.paths import make_private_directory
from confab_sync.presence import due, lock, spawn
from confab_sync.presence import state as states
from confab_sync.process import Identity, send_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from confab_sync.paths import FinisherPaths
    from confab_sync.presence.state import State
    from confab_sync.process import Processes


def wake(
    paths: FinisherPaths,
    environ: Mapping[str, str],
    now: float,
    *,
    eager: bool = False,
    at_once: bool = False,
) -> bool:
    """Start the finisher if it is due and does not run; True when it was started.

    `now` is in seconds since the epoch. With `eager` it is due as soon as something waits,
    and one that runs already looks at everything once more: it may have passed what the caller
    knows of. With `at_once` it always is due. Raises `OSError`.
    """
    if not at_once and not due.is_due(paths.due, now, eager=eager):
        return False
    try:
        taken = lock.take(paths.lock)
    except FileNotFoundError:
        make_private_directory(os.path.dirname(paths.lock))
        taken = lock.take(paths.lock)
    if taken is None:
        if eager:
            due.put_off(paths.due, now, due.failures(paths.due))
        return False
    state: State = {
        "pid": 0,
        "run_id": os.urandom(8).hex(),
        "started_at": states.timestamp(now),
        "phase": "starting",
    }
    return spawn.start(paths.state, taken, state, spawn.finisher_command(), environ)


def wake_and_end(arguments: list[str]) -> NoReturn:
    """The lane of processes that only start it. `arguments`: "now" if it need not be due."""
    from confab_sync.paths import Paths

    try:
        wake(Paths(os.environ).finisher, os.environ, time.time(), at_once="now" in arguments)
    finally:
        os._exit(0)


def spawn_waker(environ: Mapping[str, str], *, at_once: bool = False) -> None:
    """Let a process of its own start it if it is due: right in a process with threads.

    With `at_once` also if it is not due. Raises `OSError`.
    """
    command = spawn.waking_command(at_once=at_once)
    child = os.posix_spawn(command[0], command, dict(environ), setsid=True)
    os.waitpid(child, 0)


def is_running(paths: FinisherPaths) -> bool:
    """Whether it runs now."""
    try:
        return lock.is_held(paths.lock)
    except OSError:
        return False


def stop(
    paths: FinisherPaths,
    processes: Processes,
    *,
    patience: float = 5.0,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """End it if it runs, which may happen at any moment; whether it has gone in `patience` s.

    One that is only being started has not said yet who it is, and is asked as soon as it has.
    """
    deadline = clock() + patience
    asked = None
    while is_running(paths):
        daemon = Identity.from_json((states.read(paths.state) or {}).get("daemon"))
        if daemon is not None and daemon != asked:
            send_signal(processes, daemon, spawn.STOPPING_SIGNALS[0])
            asked = daemon
        if clock() > deadline:
            return False
        pause(0.02)
    return True
