"""Daemons that are stuck, and what dead ones left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confab_sync.cli.checks import daemons
from confab_sync.cli.checks.check import Check
from confab_sync.presence import finisher, lock
from confab_sync.presence import state as states
from confab_sync.process import identify, this_platform
from integration.waiting import until
from tests.cli.archives import ONE, Home
from tests.cli.checks.finding import none, one


def looked_at(home: Home) -> list[Check]:
    return list(daemons.checks(home.context))


def myself() -> dict[str, object]:
    found = identify(this_platform(), os.getpid())
    assert found is not None
    return dict(found.to_json())


def test_living_daemons_are_fine(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state(daemon=myself(), phase="syncing", connection="online")
    with home.locked():
        (found,) = looked_at(home)
    assert (found.verdict, found.found) == ("ok", "1 daemon, none of them stuck")


def test_where_no_session_is_open_no_daemon_is_missed(tmp_path: Path) -> None:
    (found,) = looked_at(Home(tmp_path))
    assert (found.verdict, found.found) == ("ok", "none runs now")


def test_a_lock_without_a_state_is_told_with_who_holds_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state()
    Path(home.session().state).write_text("{")
    with home.locked():
        found = one(looked_at(home), "daemon of")
    assert found.verdict == "fail"
    assert found.remedy.endswith(home.session().lock)


def test_a_lock_whose_daemon_is_gone_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with subprocess.Popen(["sleep", "600"]) as process:
        gone = identify(this_platform(), process.pid)
        process.kill()
    assert gone is not None
    home.state(daemon=gone.to_json(), pid=gone.pid)
    with home.locked():
        found = one(looked_at(home), "daemon of")
    assert f"process {gone.pid} is gone" in found.found


@pytest.mark.parametrize(
    ("since", "told"), [("2026-03-01T10:00:00Z", True), ("2026-03-01T11:50:00Z", False)]
)
def test_a_daemon_that_is_long_without_its_backend_is_told(
    tmp_path: Path, since: str, told: bool
) -> None:
    home = Home(tmp_path)
    home.state(daemon=myself(), connection="offline", last_error="it is down", last_error_at=since)
    with home.locked():
        assert none(looked_at(home), "daemon of") != told


def test_what_a_dead_daemon_left_is_told_and_given_to_a_new_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state(transcript_path="", daemon=None)
    found = one(looked_at(home), "dead daemons")
    assert ONE[:8] in found.found
    assert found.fix is not None
    found.fix()
    until(lambda: none(looked_at(home), "dead daemons"), "the leftovers stay")
    until(lambda: not finisher.is_running(home.paths.finisher), "the finisher stays")
    assert not os.path.exists(home.session().state)


@contextmanager
def catching_up(home: Home, **state: object) -> Iterator[None]:
    """While somebody holds the finisher's lock and this is its state."""
    taken = lock.take(home.paths.finisher.lock)
    assert taken is not None
    states.write(home.paths.finisher.state, dict(state))
    try:
        yield
    finally:
        os.close(taken)


def test_catching_up_that_goes_on_is_fine(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert none(looked_at(home), "catching up")
    with catching_up(home, daemon=myself()):
        assert one(looked_at(home), "catching up").verdict == "ok"


def test_catching_up_that_has_trouble_or_is_stuck_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with catching_up(home, daemon=myself(), last_error="it is down"):
        found = one(looked_at(home), "catching up")
    assert (found.verdict, found.found) == ("warn", "it is down")
    with subprocess.Popen(["sleep", "600"]) as process:
        gone = identify(this_platform(), process.pid)
        process.kill()
    assert gone is not None
    with catching_up(home, daemon=gone.to_json()):
        found = one(looked_at(home), "catching up")
    assert found.verdict == "fail"
    assert found.remedy.endswith(home.paths.finisher.lock)
