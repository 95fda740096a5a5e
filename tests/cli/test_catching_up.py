"""Status tells of the finisher at work, and warns of what is deleted before it is archived."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.catching_up import completed
from confab_sync.cli.overview import overview
from confab_sync.cli.views import CatchUpView, Overview
from confab_sync.presence import due, lock
from confab_sync.presence import state as states
from tests.cli.archives import NOW, ONE, TWO, Home

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86400.0


def aged(path: Path, days: float) -> None:
    stamp = NOW.timestamp() - days * DAY
    os.utime(path, (stamp, stamp))


def picture(home: Home) -> Overview:
    return completed(home.context, overview(home.paths, clock=home.context.clock))


def test_finisher_is_told_of_while_it_runs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    states.write(
        home.paths.finisher.state,
        {"phase": "catching up", "done": 3, "of": 17, "current": ONE, "lines": "odd"},
    )
    assert picture(home).catch_up is None
    taken = lock.take(home.paths.finisher.lock)
    assert taken is not None
    assert picture(home).catch_up == CatchUpView("catching up", 3, 17, ONE)
    os.unlink(home.paths.finisher.state)
    assert picture(home).catch_up == CatchUpView("starting", 0, 0)
    os.close(taken)


@pytest.mark.parametrize(
    ("age", "words"),
    [(22.5, ""), (23.5, "the first in 6 days"), (29.5, "the first any time now")],
)
def test_unarchived_session_that_is_deleted_within_a_week_is_warned_of(
    tmp_path: Path, age: float, words: str
) -> None:
    home = Home(tmp_path)
    path = home.write(b"one\n")
    aged(path, age)
    found = picture(home).problems
    assert bool(found) == bool(words)
    assert all("1 session with unarchived data" in each and words in each for each in found)


def test_moment_of_deletion_is_that_of_what_is_not_archived(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.archive_nothing()
    path = home.write(b"one\n")
    home.archive(settled=False)
    path.write_bytes(b"one\ntwo\n")
    aged(path, 1)
    [view] = picture(home).sessions
    assert view.deleted_from == (NOW + timedelta(days=29)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_sessions_that_the_user_does_not_want_are_not_warned_of(tmp_path: Path) -> None:
    home = Home(tmp_path)
    aged(home.write(b"two\n", TWO), 29)
    due.put_off(home.paths.finisher.since, NOW.timestamp())
    assert picture(home).problems == ()


def test_registry_that_was_moved_aside_is_told_of(tmp_path: Path) -> None:
    home = Home(tmp_path)
    aside = f"{home.paths.registry}.damaged-20260301T120000.000000Z"
    with open(aside, "wb"):
        pass
    [problem] = picture(home).problems
    assert aside in problem
