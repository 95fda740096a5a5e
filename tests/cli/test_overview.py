"""One picture of all sessions, as whole as it can be."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from confab_sync.cli.living import DIED
from confab_sync.cli.measuring import NOTHING_BEHIND, UNFINISHED_LINE
from confab_sync.cli.overview import overview, resolve
from confab_sync.cli.views import ARCHIVED, OFF, OTHER, UNFINISHED, Overview
from confab_sync.config import write_config
from confab_sync.engine.registry import Registry
from confab_sync.errors import AmbiguousSession, RegistryError, SessionNotFound
from confab_sync.presence import marker
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, TWO, Home, go_daemon

THREE = "33333333-4444-5555-6666-777777777777"


def phases(found: Overview) -> dict[str, str]:
    return {view.id: view.phase for view in found.sessions}


def test_fresh_home_is_empty_and_stays_untouched(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert overview(home.paths, everything=True) == Overview()
    assert not (tmp_path / "confab" / "registry.db").exists()


def test_finished_sessions_are_shown_on_request(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    home.write(b"two\ntorn", TWO)
    home.archive(TWO)
    assert phases(overview(home.paths)) == {TWO: UNFINISHED}
    assert phases(overview(home.paths, everything=True)) == {ONE: ARCHIVED, TWO: UNFINISHED}
    assert phases(overview(home.paths, only=ONE)) == {ONE: ARCHIVED}


def test_files_that_grew_after_the_daemon_left_are_not_hidden(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    assert overview(home.paths, clock=lambda: NOW).sessions == ()
    home.write(b"one\ntwo\n")
    [view] = overview(home.paths, clock=lambda: NOW + timedelta(hours=1)).sessions
    assert (view.phase, view.behind_bytes) == (UNFINISHED, 4)
    assert overview(home.paths, clock=lambda: NOW + timedelta(days=2)).sessions == ()


def test_running_daemon_speaks_for_itself(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    home.state(phase="syncing", lines=7)
    with home.locked():
        [view] = overview(home.paths).sessions
    assert (view.phase, view.lines, view.running) == ("syncing", 7, True)


def test_dead_daemon_is_told_by_its_files_and_not_by_its_last_words(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    home.write(b"one\ntorn")
    home.state(phase="syncing", connection="online", lines=7)
    [view] = overview(home.paths).sessions
    assert (view.phase, view.running, view.pid) == (UNFINISHED, False, None)
    assert (view.lines, view.behind_bytes, view.note) == (1, 4, DIED)
    assert view.files[0].note == UNFINISHED_LINE


def test_dead_daemon_that_had_sent_everything(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    home.state(phase="resting")
    [view] = overview(home.paths).sessions
    assert view.note == f"{DIED}; {NOTHING_BEHIND}"


def test_dead_daemon_that_the_registry_does_not_know(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state(phase="waiting")
    [view] = overview(home.paths).sessions
    assert (view.phase, view.note, view.project) == (UNFINISHED, DIED, "/home/u/app")


@pytest.mark.parametrize("archived", ["all", "not all", "nothing"])
def test_session_that_stays_off_says_why_and_what_is_behind(tmp_path: Path, archived: str) -> None:
    home = Home(tmp_path)
    if archived != "nothing":
        home.write(b"one\n")
        home.archive(cwd="/home/u/app")
    if archived == "not all":
        home.write(b"one\ntwo\n")
    marker.put(home.session().off, marker.STOPPED)
    [view] = overview(home.paths).sessions
    assert (view.id, view.phase) == (ONE, OFF)
    assert view.note == f"stays off ({marker.STOPPED})"
    assert view.behind_bytes == (4 if archived == "not all" else 0)
    assert view.project == ("" if archived == "nothing" else "/home/u/app")


def test_daemon_that_is_still_stopping_is_not_called_off(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state(phase="stopping")
    marker.put(home.session().off, marker.STOPPED)
    with home.locked():
        assert phases(overview(home.paths)) == {ONE: "stopping"}


def test_go_daemon_keeps_its_session_though_it_is_kept_off(tmp_path: Path) -> None:
    home = Home(tmp_path)
    marker.put(home.session().off, marker.STOPPED)
    with go_daemon(tmp_path) as pid:
        home.state(run_id=None, pid=pid)
        assert phases(overview(home.paths)) == {ONE: OTHER}


def test_running_sessions_come_first_then_those_seen_last(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in (ONE, TWO):
        home.write(b"torn", name)
        home.archive(name)
    later = Registry(home.paths.registry, clock=lambda: NOW + timedelta(hours=1))
    with closing(later) as registry:
        registry.settle("claude-code", TWO, finished=False)
    home.state(THREE, phase="resting", phase_since="2020-01-01T00:00:00Z")
    with home.locked(THREE):
        assert list(phases(overview(home.paths))) == [THREE, TWO, ONE]


def test_damaged_registry_is_told_and_hides_nothing_else(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.damage_the_registry()
    home.state(phase="resting")
    marker.put(home.session(TWO).off, marker.DELETED)
    with home.locked():
        found = overview(home.paths)
    assert phases(found) == {ONE: "resting", TWO: OFF}
    [problem] = found.problems
    assert problem.startswith("sessions without a daemon are missing here: the registry ")
    assert "is damaged; the next session moves it aside" in problem


def test_missing_registry_is_a_problem_where_there_is_a_store(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    for path in (tmp_path / "confab").glob("registry.db*"):
        path.unlink()
    found = overview(home.paths)
    assert found.sessions == ()
    assert "there is no registry at" in found.problems[0]


def test_missing_registry_is_no_problem_where_nothing_was_archived(tmp_path: Path) -> None:
    """Such as on the machine of a server, which has a store for others."""
    home = Home(tmp_path)
    with Store.open(home.paths.store, clock=lambda: NOW):
        pass
    assert overview(home.paths).problems == ()


@pytest.mark.parametrize("prefix", [ONE, "1", "1111"])
def test_any_unique_prefix_names_a_session(tmp_path: Path, prefix: str) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    marker.put(home.session(TWO).off, marker.STOPPED)
    home.state(THREE)
    assert resolve(home.paths, prefix) == ONE
    assert resolve(home.paths, "2") == TWO
    assert resolve(home.paths, "33") == THREE


def test_whole_id_names_its_session_though_another_begins_with_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state("abc")
    home.state("abc-def")
    assert resolve(home.paths, "abc") == "abc"
    with pytest.raises(AmbiguousSession, match="abc, abc-def"):
        resolve(home.paths, "ab")


@pytest.mark.parametrize("prefix", ["", "zzz"])
def test_unknown_id_is_told(tmp_path: Path, prefix: str) -> None:
    home = Home(tmp_path)
    home.state()
    with pytest.raises(SessionNotFound):
        resolve(home.paths, prefix)


def test_damaged_registry_does_not_hide_living_sessions_from_a_prefix(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.damage_the_registry()
    home.state()
    assert resolve(home.paths, "111") == ONE
    with pytest.raises(RegistryError, match="registry"):
        resolve(home.paths, "zzz")


def test_what_was_masked_is_counted_by_type(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    with closing(Registry(home.paths.registry, clock=lambda: NOW)) as registry:
        registry.count_masked("claude-code", ONE, {"API_KEY": 2})
        registry.count_masked("claude-code", ONE, {"API_KEY": 1, "JWT": 4})
    [view] = overview(home.paths, everything=True).sessions
    assert view.masked == {"API_KEY": 3, "JWT": 4}


@pytest.mark.parametrize(
    ("settings", "masking"),
    [
        ("{}", "on"),
        ('{"redaction": {"enabled": true}}', "on"),
        ('{"redaction": {}}', "on"),
        ('{"redaction": {"enabled": false}}', "off"),
    ],
)
def test_whether_secrets_are_masked_is_told(tmp_path: Path, settings: str, masking: str) -> None:
    home = Home(tmp_path)
    Path(home.paths.config).write_text(settings)
    assert overview(home.paths) == Overview(masking=masking)


def test_config_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    Path(home.paths.config).write_text("{,}")
    told = overview(home.paths)
    assert told.masking == "unknown"
    assert "nothing is archived until this is mended" in told.problems[0]
    assert "config.json" in told.problems[0]


def test_ignored_sessions_are_shown_with_the_reason_for_a_day(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"ignore": ["/no/such"]})
    marker.put(home.session().off, "ignored: /no/such")
    os.utime(home.session().off, (NOW.timestamp(), NOW.timestamp()))
    [view] = overview(home.paths, clock=lambda: NOW).sessions
    assert (view.phase, view.note) == (OFF, "stays off (ignored: /no/such)")
    later = NOW + timedelta(days=1, seconds=1)
    assert overview(home.paths, clock=lambda: later).sessions == ()
    for chosen in (
        overview(home.paths, everything=True, clock=lambda: later),
        overview(home.paths, only=ONE, clock=lambda: later),
    ):
        assert phases(chosen) == {ONE: OFF}


def test_what_was_archived_before_it_was_ignored_is_never_called_unfinished(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    home.write(b"one\ntwo\n")
    write_config(home.paths.config, {"ignore": ["/no/such"]})
    marker.put(home.session().off, "ignored: /no/such")
    later = NOW + timedelta(days=3)
    assert phases(overview(home.paths, clock=lambda: later)) == {ONE: OFF}


def test_a_pause_is_told_and_its_sessions_are_off_until_it_is_over(tmp_path: Path) -> None:
    home = Home(tmp_path)
    until = "2026-03-01T13:00:00Z"
    write_config(home.paths.config, {"paused": {"until": until}})
    marker.put(home.session().off, f"paused until {until}")
    found = overview(home.paths, clock=lambda: NOW)
    assert (found.paused, phases(found)) == (f"paused until {until}", {ONE: OFF})
    over = overview(home.paths, clock=lambda: NOW + timedelta(hours=1))
    assert (over.paused, over.sessions) == ("", ())


def test_a_rule_that_is_gone_keeps_no_session_off(tmp_path: Path) -> None:
    home = Home(tmp_path)
    marker.put(home.session().off, "ignored: /no/such")
    assert overview(home.paths, clock=lambda: NOW).sessions == ()
