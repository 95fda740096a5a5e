"""The small image of a daemon: wait until there is something to do, then become the large one.

A daemon spends nearly all of its life here, so this image loads neither a database nor
site-packages. It decides nothing: it wakes when a file, the inbox or a parent is not what
it was, or a signal is pending, and leaves all judgement to the image that works.
"""

from __future__ import annotations

import os
import sys
import time

from confab_sync.claude import layout
from confab_sync.daemon import idle
from confab_sync.daemon.package import Package
from confab_sync.daemon.waiting import Waiting
from confab_sync.paths import Paths
from confab_sync.presence import departure, finisher, inbox, lock, orphans, spawn
from confab_sync.presence import state as states
from confab_sync.presence.life import Life, fold
from confab_sync.process import is_alive, this_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Protocol

    from confab_sync.paths import SessionPaths
    from confab_sync.process import Processes

    class Waits(Protocol):
        """What `sleep` needs of `Waiting`."""

        was_told: bool

        def wait(self) -> bool:
            """Sleep; True when a signal is pending."""


TOLD = 6
"""Waits of at most five seconds from one look at all files to the next, where changes in all
of their directories are announced."""


def main(arguments: list[str]) -> NoReturn:
    """Run the image. `arguments`: provider, session id and, unless the daemon is new, the
    fingerprint of what is acknowledged."""
    os.set_inheritable(lock.LOCK_FD, False)
    package = Package()
    provider, external_id = arguments[:2]
    all_paths = Paths(os.environ)
    paths = all_paths.session(external_id, provider)
    processes = this_platform()
    if not lock.confirm(paths.lock, lock.LOCK_FD):
        os._exit(0)  # somebody else is the session's daemon: no lock, no daemon
    try:
        is_new = len(arguments) < 3
        if is_new:
            enter_waiting(paths)
        call_finisher(all_paths, paths, processes, at_once=is_new)
        rest(paths, processes, fingerprint=0 if is_new else int(arguments[2]))
        work(paths, package)
    except BaseException:  # whatever it was: leave no state that says we live
        departure.abandon(paths, lock.LOCK_FD)
        os._exit(1)


def enter_waiting(paths: SessionPaths) -> None:
    """Say that the daemon is there and waits for the transcript."""
    state = states.read(paths.state)
    if state is not None:
        try:
            states.write(paths.state, {**state, "phase": "waiting"})
        except OSError:  # a full disk: status shows the phase before
            pass


def call_finisher(
    all_paths: Paths, paths: SessionPaths, processes: Processes, *, at_once: bool
) -> None:
    """Have unfinished sessions looked for, if that is due.

    With `at_once` also when a daemon has died since: its session is finished first thing.
    """
    dead = at_once and any(orphans.orphans(paths.directory, paths.provider, processes))
    try:
        finisher.wake(all_paths.finisher, os.environ, time.time(), at_once=dead)
    except OSError:  # this session is what matters; others will try again
        pass


def rest(paths: SessionPaths, processes: Processes, *, fingerprint: int) -> None:
    """Return when there may be something to do. Signals stay pending."""
    waiting = Waiting()
    life, seen = Life(), -1

    def nobody_left() -> bool:
        return is_deserted(life, processes)

    while True:
        if inbox.size(paths.inbox) != seen:
            try:
                records, seen = inbox.read(paths.inbox)
            except OSError:
                return
            life = fold(records)
            if life.deserted or life.stops or not life.transcript_path:
                return
        transcript = layout.on_disk(life.transcript_path)
        waiting.watch(directories(paths, transcript))
        # Looked at after the watch began, so that no change falls between the two.
        if layout.fingerprint(layout.session_files(transcript)) != fingerprint:
            return
        if nobody_left() or is_forgotten(life, paths, transcript):
            return
        if waiting.was_told and waiting.sit_out():
            return
        waits = waits_to_the_next_look(waiting.covers, paths, transcript)
        if sleep(waiting, waits, nobody_left):
            return


def waits_to_the_next_look(
    covers: Callable[[list[str]], bool], paths: SessionPaths, transcript_path: str
) -> int:
    """How long a sleep may be: short unless changes in all directories are announced.

    They are listed anew, for one that appeared before that above it was watched.
    """
    return TOLD if covers(directories(paths, transcript_path)) else 1


def sleep(waiting: Waits, waits: int, is_deserted: Callable[[], bool]) -> bool:
    """Sleep until the files are to be looked at; True when it is time to go to work anyhow.

    That is after a change was announced, or else after so many `waits`. The end of the parents
    is announced by nobody and looked for after each.
    """
    for _ in range(waits):
        if waiting.wait() or is_deserted():
            return True
        if waiting.was_told:
            break
    return False


def is_deserted(life: Life, processes: Processes) -> bool:
    """Whether nobody of those is left who have the session open."""
    return bool(life.parents) and not any(is_alive(processes, each) for each in life.parents)


def is_forgotten(life: Life, paths: SessionPaths, transcript_path: str) -> bool:
    """Whether a session that nobody can be seen to have open has been silent for too long."""
    return not life.parents and idle.idle_seconds(paths, transcript_path) > idle.LIMIT


def directories(paths: SessionPaths, transcript_path: str) -> list[str]:
    """Where a change would mean something to the session."""
    own = layout.directories(layout.session_dir(transcript_path))
    return [paths.directory, os.path.dirname(transcript_path), *own]


def work(paths: SessionPaths, package: Package) -> NoReturn:
    """Become the image that works: same process, same lock, signals still blocked."""
    command = spawn.daemon_command("work", paths)
    if not package.is_whole():
        # confab was uninstalled under us; the launcher answers the hooks from now on.
        departure.abandon(paths, lock.LOCK_FD)
        os._exit(1)
    os.set_inheritable(lock.LOCK_FD, True)
    os.execve(sys.executable, command, dict(os.environ))
