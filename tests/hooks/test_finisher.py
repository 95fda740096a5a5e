"""Hooks start the finisher when it is due, one of them, and otherwise pay one look at a file."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from confab_sync.hooks.end_wait import wait_until_gone
from confab_sync.hooks.surroundings import Surroundings
from confab_sync.paths import Paths
from confab_sync.presence import due, finisher, lock
from confab_sync.presence import state as states

if TYPE_CHECKING:
    from tests.hooks.home import Home

HOOKS = ["session-start", "user-prompt-submit", "session-end"]


def until_it_ended(home: Home) -> None:
    """It removes its lock as its last act, and has said before when it is due again."""
    place = Paths(home.environ).finisher
    while finisher.is_running(place):
        time.sleep(0.01)
    assert not due.is_due(place.due, time.time())


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_starts_it_when_it_is_due(home: Home, name: str) -> None:
    place = Paths(home.environ).finisher
    due.put_off(place.due, time.time() - 1)
    home.run(name)
    state = states.read(place.state)
    assert state is None or state["pid"] != os.getpid()
    until_it_ended(home)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_leaves_it_alone_while_it_is_not_due(home: Home, name: str) -> None:
    home.run(name)
    assert not os.path.exists(Paths(home.environ).finisher.lock)


def test_a_session_start_does_not_wait_for_a_backend_that_has_failed(home: Home) -> None:
    place = Paths(home.environ).finisher
    due.put_off(place.due, time.time() + 3000, failures=7)
    home.run("user-prompt-submit")
    assert not os.path.exists(place.lock)
    home.run("session-start")
    until_it_ended(home)
    assert due.failures(place.due) == 0


def test_whoever_holds_the_lock_is_the_only_one(home: Home) -> None:
    place = Paths(home.environ).finisher
    due.put_off(place.due, time.time() - 1)
    taken = lock.take(place.lock)
    assert taken is not None
    assert not finisher.wake(place, home.environ, time.time())
    assert states.read(place.state) is None
    os.close(taken)


def test_a_session_start_asks_one_that_is_at_work_to_look_once_more(home: Home) -> None:
    place = Paths(home.environ).finisher
    due.put_off(place.due, time.time() - 1, failures=2)
    seen = due.mark(place.due)
    taken = lock.take(place.lock)
    assert taken is not None
    home.run("user-prompt-submit")
    assert due.mark(place.due) == seen
    home.run("session-start")
    assert not due.put_off_since(place.due, seen, time.time() + 3000)
    assert due.failures(place.due) == 2
    os.close(taken)


def test_session_end_waits_for_the_daemon_if_the_user_wants_that(home: Home) -> None:
    """Its daemon needs some three seconds of quiet before it leaves."""
    around = Surroundings({**home.environ, "CONFAB_WAIT_AT_END": "30s"}, arguments=["--timeout=40"])
    home.run("session-start")
    home.run("session-end")
    around.wait_at_end(home.paths())
    assert not os.path.exists(home.paths().lock) or not lock.is_held(home.paths().lock)


def test_wait_for_a_daemon_ends_with_the_patience(home: Home) -> None:
    os.makedirs(home.paths().directory)
    taken = lock.take(home.paths().lock)
    assert taken is not None
    times = iter(range(100))
    looks: list[float] = []
    gone = wait_until_gone(home.paths(), 3.0, clock=lambda: float(next(times)), pause=looks.append)
    assert (gone, len(looks)) == (False, 2)
    os.close(taken)
    assert wait_until_gone(home.paths(), 0.0)
