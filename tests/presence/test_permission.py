from __future__ import annotations

from pathlib import Path

import pytest

from confab_sync.presence import marker
from confab_sync.presence.permission import kept_off, remember
from confab_sync.process import Identity
from tests.presence.factories import files_in, session_at

NOW = 1_700_000_000.0
ADA = Identity(10, "1", "boot", "ns")
BOB = Identity(20, "2", "boot", "ns")
RULES = {"ignore": ["/no/such/project"]}
PAUSED = {"paused": {"since": None, "until": None}}
HERE = ("/no/such/project/x",)
ELSEWHERE = ("/no/such/other",)


def test_a_session_that_may_be_copied_gets_no_marker(tmp_path: Path) -> None:
    assert kept_off(session_at(tmp_path), {}, HERE, NOW) is None
    assert files_in(tmp_path) == []


def test_a_refusal_becomes_the_marker_and_goes_with_its_rule(tmp_path: Path) -> None:
    paths = session_at(tmp_path / "sync")
    assert kept_off(paths, RULES, HERE, NOW) == "ignored: /no/such/project"
    assert marker.reason(paths.off) == "ignored: /no/such/project"
    assert files_in(paths.directory) == ["s.off"]
    assert kept_off(paths, {}, HERE, NOW) is None
    assert files_in(paths.directory) == []


def test_a_session_that_was_ignored_once_stays_so_elsewhere(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    kept_off(paths, RULES, HERE, NOW)
    assert kept_off(paths, RULES, ELSEWHERE, NOW) == "ignored: /no/such/project"
    assert kept_off(paths, {"ignore": ["/no/such/third"]}, ELSEWHERE, NOW) is None


def test_one_refusal_replaces_another(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    kept_off(paths, PAUSED, HERE, NOW)
    kept_off(paths, {**PAUSED, **RULES}, HERE, NOW)
    assert marker.reason(paths.off) == "ignored: /no/such/project"


@pytest.mark.parametrize("why", [marker.STOPPED, marker.DELETED, "unknown"])
def test_the_marker_of_somebody_else_stays_and_hides_no_refusal(tmp_path: Path, why: str) -> None:
    paths = session_at(tmp_path)
    marker.put(paths.off, why)
    assert kept_off(paths, {}, HERE, NOW) == why
    assert kept_off(paths, RULES, HERE, NOW) == "ignored: /no/such/project"
    assert marker.reason(paths.off) == why


def test_a_disk_that_does_not_take_the_marker_allows_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    paths = session_at(tmp_path / "file")
    assert kept_off(paths, PAUSED, HERE, NOW) == "paused"


def test_a_pause_remembers_whose_session_it_is(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    kept_off(paths, PAUSED, HERE, NOW)
    remember(paths, "paused", [ADA], gone=False)
    remember(paths, "paused", [BOB], gone=False)
    assert marker.parents(paths.off) == {ADA, BOB}
    until = {"paused": {"until": "2099-01-01T00:00:00Z"}}
    why = kept_off(paths, until, HERE, NOW)
    assert why == "paused until 2099-01-01T00:00:00Z"
    remember(paths, why, [ADA], gone=True)
    assert marker.parents(paths.off) == {BOB}
    assert marker.reason(paths.off) == why


def test_what_is_ignored_remembers_nobody(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    kept_off(paths, PAUSED, HERE, NOW)
    remember(paths, "paused", [ADA], gone=False)
    why = kept_off(paths, RULES, HERE, NOW)
    remember(paths, str(why), [ADA], gone=False)
    remember(paths, "paused", [ADA], gone=False)
    assert marker.parents(paths.off) == set()
