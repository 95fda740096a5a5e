from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from confab_sync.daemon.permission import Permission
from confab_sync.paths import Paths
from confab_sync.presence import marker
from confab_sync.presence import state as states
from confab_sync.presence.life import Life, fold
from tests.daemon.factories import came, claude

NOW = 1_700_000_000.0


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths({"HOME": str(tmp_path)})


def decide(paths: Paths, **settings: Any) -> None:
    path = Path(paths.config)
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_name("fresh")
    fresh.write_text(json.dumps(settings))
    fresh.rename(path)


def life(*directories: str) -> Life:
    return fold({**came(claude()), "cwd": directory} for directory in directories)


def permission(paths: Paths) -> Permission:
    return Permission(paths, paths.session("s"), lambda: NOW)


def test_what_the_user_decides_later_counts_at_the_next_question(paths: Paths) -> None:
    asked = permission(paths)
    assert asked.refused(life("/no/such")) is None
    assert not asked.config_changed()
    decide(paths, ignore=["/no/such"])
    assert asked.refused(life("/no/such")) == "ignored: /no/such"
    assert marker.reason(paths.session("s").off) == "ignored: /no/such"
    assert asked.config_changed()
    assert not asked.config_changed()
    decide(paths, ignore=[])
    assert asked.refused(life("/no/such")) is None
    assert marker.reason(paths.session("s").off) is None


def test_every_directory_of_the_session_counts(paths: Paths) -> None:
    decide(paths, ignore=["/no/such"])
    assert permission(paths).refused(life("/no/such/x", "/elsewhere")) is not None


def test_the_directory_that_only_the_state_knows_counts_too(paths: Paths) -> None:
    session = paths.session("s")
    Path(session.directory).mkdir(parents=True)
    states.write(session.state, {"cwd": "/no/such/x"})
    decide(paths, ignore=["/no/such"])
    assert permission(paths).refused(Life()) == "ignored: /no/such"


def test_a_pause_remembers_whose_session_it_is(paths: Paths) -> None:
    decide(paths, paused={})
    assert permission(paths).refused(life("/no/such")) == "paused"
    assert marker.parents(paths.session("s").off) == {claude()}


@pytest.mark.parametrize("why", [marker.STOPPED, marker.DELETED])
def test_a_marker_of_somebody_else_is_no_refusal(paths: Paths, why: str) -> None:
    """The daemon knows of the stop by its inbox, and has a final sync to make."""
    marker.put(paths.session("s").off, why)
    asked = permission(paths)
    assert asked.refused(life("/no/such")) is None
    decide(paths, ignore=["/no/such"])
    assert asked.refused(life("/no/such")) == "ignored: /no/such"


def test_a_refusal_by_a_hook_that_knew_more_reaches_the_daemon(paths: Paths) -> None:
    decide(paths, ignore=["/no/such"])
    marker.put(paths.session("s").off, "ignored: /no/such")
    assert permission(paths).refused(life("/elsewhere")) == "ignored: /no/such"


def test_a_directory_that_the_records_hide_is_looked_up(paths: Paths) -> None:
    decide(paths, ignore=["/no/such"])
    asked = Permission(paths, paths.session("s"), lambda: NOW, lambda _: "/no/such")
    assert permission(paths).refused(life("/no/[REDACTED:X]")) is None
    assert asked.refused(life("/no/[REDACTED:X]")) == "ignored: /no/such"
