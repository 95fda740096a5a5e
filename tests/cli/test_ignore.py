"""The list of directories that are never copied, as a person keeps it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from confab_sync.cli.ignore import command
from confab_sync.cli.living import is_held
from confab_sync.errors import ConfigError, UsageError
from confab_sync.presence import due, marker
from tests.cli.homes import Home, home
from tests.daemons import daemon_of
from tests.hooks.home import home_in

STAYS = "What was archived of it before stays; `confab forget ID` removes it."


def rules(here: Home) -> Any:
    try:
        return json.loads((here.confab / "config.json").read_text()).get("ignore")
    except FileNotFoundError:
        return None


def test_a_directory_is_put_on_the_list_once(tmp_path: Path) -> None:
    here = home(tmp_path)
    (here.root / "secret").mkdir()
    said = here.run(command, f"{here.root}/secret/").output
    assert said == f"Ignored from now on: ~/secret, and all below.\n{STAYS}\n"
    assert rules(here) == [f"{here.root}/secret"]
    again = here.run(command, f"{here.root}/x/../secret").output
    assert again.startswith("Ignored already: ~/secret, and all below.")
    assert rules(here) == [f"{here.root}/secret"]
    assert (here.confab / "config.json").stat().st_mode & 0o777 == 0o600


def test_what_is_named_from_here_is_kept_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = home(tmp_path)
    (here.root / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(here.root / "a")
    for path in (".", "b", "../c", "~/d"):
        here.run(command, path)
    root = os.path.realpath(here.root)
    assert rules(here) == [f"{root}/a", f"{root}/a/b", f"{root}/c", f"{here.root}/d"]


def test_what_is_not_there_yet_counts_as_soon_as_it_is(tmp_path: Path) -> None:
    here = home(tmp_path)
    said = here.run(command, "/no/such/place").output
    assert "There is no such directory now; it counts as soon as there is." in said
    assert rules(here) == ["/no/such/place"]


def test_everything_may_be_ignored(tmp_path: Path) -> None:
    here = home(tmp_path)
    assert "Ignored from now on: /, and all below." in here.run(command, "/").output
    assert rules(here) == ["/"]


@pytest.mark.parametrize(
    "arguments",
    [(), ("",), ("a\0b",), ("/a", "--list"), ("--list", "--remove", "/a"), ("/a", "--json")],
)
def test_what_makes_no_sense_changes_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    here = home(tmp_path)
    with pytest.raises(UsageError):
        here.run(command, *arguments)
    assert rules(here) is None


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    here = home(tmp_path)
    (here.root / "file").touch()
    with pytest.raises(UsageError, match="is not a directory"):
        here.run(command, f"{here.root}/file")


def test_the_list_is_shown_and_the_file_in_projects_explained(tmp_path: Path) -> None:
    here = home(tmp_path)
    assert here.run(command, "--list").output.startswith("No directory is on the list.\n")
    here.run(command, str(here.root))
    here.run(command, "/no/such/\x1b[2J")
    shown, gone, explained = here.run(command, "--list").output.splitlines()
    assert (shown, gone) == ("~", "/no/such/\\x1b[2J  (not there now)")
    assert ".confabignore" in explained
    told = json.loads(here.run(command, "--list", "--json").output)
    assert told == {
        "ignore": [
            {"path": str(here.root), "exists": True},
            {"path": "/no/such/\x1b[2J", "exists": False},
        ],
        "marker_file": ".confabignore",
    }


def test_a_directory_is_taken_from_the_list(tmp_path: Path) -> None:
    here = home(tmp_path)
    (here.root / "real").mkdir()
    (here.root / "link").symlink_to(here.root / "real")
    for name in ("real", "other"):
        here.run(command, f"{here.root}/{name}")
    said = here.run(command, "--remove", f"{here.root}/link/").output
    assert said.startswith("Not ignored any more: ~/link.\nIts sessions are copied")
    assert rules(here) == [f"{here.root}/other"]
    here.run(command, "--remove", f"{here.root}/other")
    assert rules(here) is None
    with pytest.raises(UsageError, match="is not on the list"):
        here.run(command, "--remove", f"{here.root}/other")


def test_ended_sessions_of_what_is_not_ignored_any_more_are_finished_at_once(
    tmp_path: Path,
) -> None:
    here = home(tmp_path)
    here.run(command, "/no/such/place")
    place = here.context.paths.finisher.due
    due.put_off(place, here.context.clock().timestamp() + 6 * 3600)
    here.run(command, "--remove", "/no/such/place")
    assert due.is_due(place, here.context.clock().timestamp())


def test_what_another_rule_still_covers_is_said(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.run(command, "/no/such/a")
    here.run(command, "/no/such")
    said = here.run(command, "--remove", "/no/such/a").output
    assert said == "Taken from the list: /no/such/a. It is still ignored: /no/such\n"


def test_a_list_that_nobody_can_read_is_not_overwritten(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (here.confab / "config.json").write_text('{"ignore": "/a"}')
    for arguments in (("/b",), ("--list",), ("--remove", "/a")):
        with pytest.raises(ConfigError, match="ignore should be a list of absolute paths"):
            here.run(command, *arguments)
    assert rules(here) == "/a"


def test_daemons_concerned_leave_at_once_and_others_stay(tmp_path: Path) -> None:
    """Real daemons, resting without a transcript."""
    here = home(tmp_path)
    with home_in(here.root) as hooks:
        hooks.environ["CONFAB_HOME"] = str(here.confab)
        hooks.run("session-start", session_id="s", cwd=f"{here.root}/secret/x")
        hooks.run("session-start", session_id="t", cwd=f"{here.root}/open")
        other = daemon_of(hooks.paths("t"))
        result = here.run(command, f"{here.root}/secret")
        assert "Stopped: 1 background process.\n" in result.output
        assert not is_held(hooks.paths("s"))
        assert marker.reason(hooks.paths("s").off) == f"ignored: {here.root}/secret"
        assert sorted(os.listdir(hooks.paths().directory))[0] == "s.off"
        assert not os.path.exists(hooks.paths("s").inbox)
        assert not os.path.exists(hooks.paths("s").state)
        assert daemon_of(hooks.paths("t")) == other
        assert is_held(hooks.paths("t"))
