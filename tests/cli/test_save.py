"""What is asked for is archived, and the exit status says whether all of it is."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli import save
from confab_sync.errors import AmbiguousSession, SessionNotFound, UsageError
from confab_sync.presence import marker
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, TWO, Home

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(home: Home, *arguments: str) -> Result:
    result = CliRunner().invoke(save.command, arguments, obj=home.context, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def archived(home: Home) -> set[str]:
    if not os.path.exists(home.paths.store):
        return set()
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        return {session.external_id for session in store.sessions()}


def test_everything_is_saved_and_a_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    first = run(home, "--all")
    assert ("Saved 2 of 2 sessions, 2 lines." in first.output, first.return_value) == (True, 0)
    assert archived(home) == {ONE, TWO}
    again = run(home, "--all")
    assert ("Saved 0 of 0 sessions" in again.output, again.return_value) == (True, 0)


def test_only_what_is_named_is_saved_by_any_unique_beginning(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    assert run(home, ONE[:6]).return_value == 0
    assert archived(home) == {ONE}


def test_dry_run_does_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = home.write(b"one\n", ONE)
    assert f"{ONE[:8]}  {path}" in run(home, "--all", "--dry-run").output
    told = json.loads(run(home, "--all", "--dry-run", "--json").output)
    assert told == {"sessions": [{"id": ONE, "path": str(path)}]}
    assert archived(home) == set()


def test_what_somebody_else_has_or_the_user_keeps_off_is_not_called_archived(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    marker.put(home.session(TWO).off, marker.DELETED)
    with home.locked(ONE):
        result = run(home, "--all", "--json")
    told = json.loads(result.output)
    assert (told["complete"], result.return_value) == (False, 1)
    assert {each["id"]: each["outcome"] for each in told["sessions"]} == {
        ONE: "left to its daemon",
        TWO: "kept off",
    }


@pytest.mark.parametrize("reason", [marker.FORGOTTEN, marker.DELETED, marker.STOPPED])
def test_what_the_user_keeps_off_is_not_asked_for_by_all_but_by_its_name(
    tmp_path: Path, reason: str
) -> None:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    marker.put(home.session(TWO).off, reason)
    everything = run(home, "--all", "--wait")
    assert (everything.return_value, archived(home)) == (0, {ONE})
    assert f"Left alone: 1 {reason}." in everything.output
    assert json.loads(run(home, "--all", "--json").output)["complete"]
    assert run(home, TWO).return_value == 1


def test_session_of_a_daemon_that_has_archived_all_of_it_is_archived(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.archive(ONE, settled=False)
    with home.locked(ONE):
        assert run(home, ONE).return_value == 0


@pytest.mark.parametrize(
    "arguments",
    [(), ("--all", ONE), ("--all", "--limit", "5s"), ("--all", "--wait", "--limit", "x")],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        run(Home(tmp_path), *arguments)


def test_name_of_none_or_of_several_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", f"1{TWO[1:]}")
    with pytest.raises(SessionNotFound):
        run(home, "9")
    with pytest.raises(AmbiguousSession):
        run(home, "1")
