"""The small image of a daemon: wait until there is something to do, then become the large one.

A daemon spends nearly all of its life here, so this image loads neither a database nor
site-packages. It decides nothing: it wakes when a file, the inbox or a parent is not what
it was, or a signal is pending, and leaves all judgement to the image that works.
"""

from __future__ import annotations

import os
import time

from confab_sync.claude import layout
from confab_sync.daemon import idle
from confab_sync.daemon.becoming import become
from confab_sync.daemon.directory_news import are_announced
from confab_sync.daemon.package import Package
from confab_sync.daemon.waiting import Waiting
from confab_sync.paths import Paths
from confab_sync.presence import departure, due, finisher, inbox, lock, orphans, spawn
from confab_sync.presence import state as states
from confab_sync.presence.life import Life, fold
from confab_sync.process import is_alive, this_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Protocol

    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity, Processes

    class Announcer(Protocol):
        """What `look` needs of `Waiting`."""

        def watch(self, directories: list[str]) -> bool:
            """Have changes in these announced; True when that has only now begun."""

        def covers(self, directories: list[str]) -> bool:
            """Whether changes in all of these are announced."""

    class Sleeper(Protocol):
        """What `sleep` needs of `Waiting`."""

        was_told: bool
        tells_ends: bool

        @property
        def unannounced(self) -> float:
            """Seconds between two looks at what does not announce itself."""

        def wait(self, longest: float) -> bool:
            """Sleep at most so many seconds; True when there is a signal to be dealt with."""


LOOK = 30.0
"""Seconds from one look at all files to the next, where changes in all of their directories
are announced."""


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
        due.now(all_paths.finisher.due)
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
    waiting = Waiting(processes, announced=are_announced())
    # From before the inbox is read, so that no record falls between the two.
    waiting.watch([paths.directory])
    life, seen = Life(), -1

    def lives(parent: Identity) -> bool:
        return waiting.attends(parent) or is_alive(processes, parent)

    def nobody_left() -> bool:
        return is_deserted(life, lives)

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
        files, announced = look(waiting, paths, transcript)
        waiting.attend(life.parents)
        if layout.fingerprint(files) != fingerprint:
            return
        if nobody_left() or is_forgotten(life, lives, paths, transcript):
            return
        if waiting.was_told and waiting.sit_out():
            return
        if sleep(waiting, LOOK if announced else waiting.unannounced, nobody_left):
            return


def look(
    waiting: Announcer, paths: SessionPaths, transcript_path: str
) -> tuple[list[layout.Sighting], bool]:
    """The session's files, and whether whatever changes from this look on will be announced."""
    files, own = layout.survey(transcript_path)
    places = [paths.directory, os.path.dirname(transcript_path), *own]
    if waiting.watch(places):
        # What changed there before the watch began was not announced, so: once more.
        files, own = layout.survey(transcript_path)
        places[2:] = own
    return files, waiting.covers(places)


def sleep(waiting: Sleeper, longest: float, is_deserted: Callable[[], bool]) -> bool:
    """Sleep until everything is to be looked at; True when it is time to go to work anyhow.

    The former is after `longest` seconds, a change or the end of a parent. Whether there is a
    parent left is looked at now and then, where their ends are not announced.
    """
    while True:
        step = longest if waiting.tells_ends else min(longest, waiting.unannounced)
        if waiting.wait(step):
            return True
        longest -= step
        if waiting.was_told or longest <= 0:
            return False
        if is_deserted():
            return True


def is_deserted(life: Life, lives: Callable[[Identity], bool]) -> bool:
    """Whether nobody of those is left who have the session open, who all said who they are."""
    named = bool(life.parents) and not life.unnamed_parent
    return named and not any(map(lives, life.parents))


def is_forgotten(
    life: Life, lives: Callable[[Identity], bool], paths: SessionPaths, transcript_path: str
) -> bool:
    """Whether a session that nobody can be seen to have open has been silent for too long."""
    there = any(map(lives, life.parents))
    return not there and idle.idle_seconds(paths, transcript_path) > idle.LIMIT


def work(paths: SessionPaths, package: Package) -> NoReturn:
    """Become the image that works: same process, same lock, signals still blocked."""
    command = spawn.daemon_command("work", paths)
    if not package.is_whole():
        # confab was uninstalled under us; the launcher answers the hooks from now on.
        departure.abandon(paths, lock.LOCK_FD)
        os._exit(1)
    become(command)
