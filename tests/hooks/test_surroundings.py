from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from confab_sync.paths import Paths
from confab_sync.presence import lock, marker
from confab_sync.process import identify, this_platform
from tests.hooks.home import Home, daemon_that_listens
from tests.processes import line_of

HOOKS = ["session-start", "user-prompt-submit", "session-end"]
each_hook = pytest.mark.parametrize("hook", HOOKS)


def decide(home: Home, **settings: Any) -> None:
    """Write config.json."""
    path = Path(Paths(home.environ).config)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(settings))


def pause(home: Home) -> None:
    decide(home, paused={"since": "2026-01-01T00:00:00Z", "until": None})


def ignore(home: Home) -> None:
    decide(home, ignore=[str(home.directory)])


def mark(home: Home) -> None:
    (home.directory / ".confabignore").touch()


def all_files(home: Home) -> list[str]:
    """Everything in the home, below its directories."""
    found = [f"{where}/{name}" for where, _, names in os.walk(home.directory) for name in names]
    return sorted(path.removeprefix(f"{home.directory}/") for path in found)


@each_hook
@pytest.mark.parametrize(
    ("refuse", "reason"),
    [
        (ignore, "ignored: {}"),
        (mark, "ignored: .confabignore in {}"),
        (pause, "paused"),
    ],
)
def test_a_session_that_is_refused_leaves_nothing_but_the_reason(
    home: Home, hook: str, refuse: Callable[[Home], None], reason: str
) -> None:
    refuse(home)
    before = all_files(home)
    project = f"{home.directory}/a-name-that-is-not-written-down"
    home.run(hook, cwd=project)
    off = Path(home.paths().off)
    assert marker.reason(str(off)) == reason.format(home.directory)
    assert all_files(home) == sorted([*before, ".confab/sync/claude-code/s.off"])
    assert "written-down" not in off.read_text()
    assert off.stat().st_mode & 0o777 == 0o600


@each_hook
@pytest.mark.parametrize(("key", "value"), [("ignore", "/a"), ("ignore", False), ("paused", True)])
def test_a_setting_that_cannot_be_understood_refuses(
    home: Home, hook: str, key: str, value: object
) -> None:
    decide(home, **{key: value})
    home.run(hook)
    assert f"{key} in config.json should be" in (marker.reason(home.paths().off) or "")
    assert not lock.is_held(home.paths().lock)


def test_where_claude_code_was_started_counts_too(home: Home) -> None:
    decide(home, ignore=[f"{home.directory}/started"])
    home.environ["CLAUDE_PROJECT_DIR"] = f"{home.directory}/started"
    home.run("user-prompt-submit", cwd=f"{home.directory}/elsewhere")
    assert marker.reason(home.paths().off) == f"ignored: {home.directory}/started"


def test_rules_in_a_linked_config_count(home: Home) -> None:
    ignore(home)
    config = Path(Paths(home.environ).config)
    config.rename(home.directory / "dotfiles.json")
    config.symlink_to(home.directory / "dotfiles.json")
    home.run("session-start")
    assert not lock.is_held(home.paths().lock)


@pytest.mark.parametrize("hook", ["session-start", "user-prompt-submit"])
@pytest.mark.parametrize("refuse", [ignore, pause])
def test_what_is_refused_no_longer_has_its_daemon_again(
    home: Home, hook: str, refuse: Callable[[Home], None]
) -> None:
    refuse(home)
    home.run(hook)
    decide(home)
    home.run(hook)
    assert marker.reason(home.paths().off) is None
    assert lock.is_held(home.paths().lock)


def test_a_session_that_left_an_ignored_directory_stays_ignored(home: Home) -> None:
    decide(home, ignore=[f"{home.directory}/secret"])
    home.run("session-start", cwd=f"{home.directory}/secret")
    home.run("user-prompt-submit", cwd=str(home.directory))
    assert marker.reason(home.paths().off) == f"ignored: {home.directory}/secret"
    assert not lock.is_held(home.paths().lock)


def test_what_was_stopped_and_is_ignored_does_not_start(home: Home) -> None:
    os.makedirs(home.paths().directory)
    marker.put(home.paths().off, marker.STOPPED)
    ignore(home)
    home.run("session-start")
    assert marker.reason(home.paths().off) == f"ignored: {home.directory}"


def test_what_was_deleted_stays_deleted(home: Home) -> None:
    os.makedirs(home.paths().directory)
    marker.put(home.paths().off, marker.DELETED)
    ignore(home)
    home.run("session-start")
    decide(home)
    home.run("session-start")
    assert marker.reason(home.paths().off) == marker.DELETED


@each_hook
@pytest.mark.parametrize("refuse", [ignore, pause])
def test_a_daemon_that_is_still_there_is_woken(
    home: Home, hook: str, refuse: Callable[[Home], None]
) -> None:
    with daemon_that_listens(home) as daemon:
        refuse(home)
        home.run(hook)
        assert line_of(daemon) == "SIGUSR1"
        assert home.records() == []


def test_a_pause_remembers_who_has_the_session_until_they_end_it(home: Home) -> None:
    pause(home)
    home.run("session-start")
    assert marker.parents(home.paths().off) == {identify(this_platform(), os.getpid())}
    home.run("session-end")
    assert marker.parents(home.paths().off) == set()
    assert marker.reason(home.paths().off) == "paused"


def test_a_broken_config_while_paused_starts_what_sends_nothing_and_says_so(home: Home) -> None:
    """The daemon cannot load it either, and tells the user at the next start."""
    pause(home)
    home.run("session-start")
    Path(Paths(home.environ).config).write_text('{"paused": ')
    home.run("session-start")
    assert lock.is_held(home.paths().lock)
