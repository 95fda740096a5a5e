"""`confab sync status` and `confab sync stop`, as a person or a program calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli import sync
from confab_sync.errors import SessionNotFound, UsageError
from confab_sync.presence import marker
from tests.cli.archives import NOW, ONE, TWO, Home

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from confab_sync.cli.context import Context


def run(context: Context, *arguments: str) -> tuple[str, object]:
    """What is printed, and what the command returns."""
    result = CliRunner().invoke(sync.group, arguments, obj=context, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output, result.return_value


def filled(directory: Path) -> Home:
    home = Home(directory)
    home.write(b"one\ntorn")
    home.archive(cwd="/home/u/app")
    home.state(TWO, phase="waiting")
    return home


def test_json_holds_all_fields_of_what_the_table_shows(tmp_path: Path) -> None:
    home = filled(tmp_path)
    with home.locked(TWO):
        told = json.loads(run(home.context, "status", "--json")[0])
    assert list(told) == ["sessions", "problems", "masking", "paused", "catch_up"]
    assert [session["id"] for session in told["sessions"]] == [TWO, ONE]
    assert told["sessions"][0]["note"] == "no transcript yet"
    assert told["sessions"][1]["files"] == [
        {
            "name": f"{ONE}.jsonl",
            "kind": "transcript",
            "lines": 1,
            "bytes": 4,
            "behind_bytes": 4,
            "note": "ends in an unfinished line",
        }
    ]


def test_json_of_nothing_is_an_object_too(tmp_path: Path) -> None:
    told = json.loads(run(Home(tmp_path).context, "status", "--json")[0])
    assert told == {"sessions": [], "problems": [], "masking": "on", "paused": "", "catch_up": None}


def test_json_has_no_raw_control_characters(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.state(cwd="/home/\x1b[2J\u202e")
    output = run(home.context, "status", "--json")[0]
    assert all(" " <= character <= "~" or character == "\n" for character in output)
    assert json.loads(output)["sessions"][0]["project"] == "/home/\x1b[2J\u202e"


def test_table_is_for_people(tmp_path: Path) -> None:
    output = run(filled(tmp_path).context, "status")[0]
    assert "11111111  app      unfinished" in output
    assert "11111111: " in output
    assert "ends in an unfinished line" in output


def test_fresh_home_gets_one_sentence(tmp_path: Path) -> None:
    output = run(Home(tmp_path).context, "status")[0]
    assert output.strip() == (
        "Nothing to archive: no Claude Code session is running and none is unfinished."
    )


def test_one_session_is_shown_with_its_files(tmp_path: Path) -> None:
    home = filled(tmp_path)
    output = run(home.context, "status", "111")[0]
    assert "22222222" not in output
    assert f"{ONE}.jsonl  transcript" in output
    told = json.loads(run(home.context, "status", "2", "--json")[0])
    assert [session["id"] for session in told["sessions"]] == [TWO]


def test_unknown_session_is_told(tmp_path: Path) -> None:
    with pytest.raises(SessionNotFound):
        run(filled(tmp_path).context, "status", "zzz")


@pytest.mark.parametrize("as_json", [False, True])
def test_damaged_registry_leaves_status_readable(tmp_path: Path, as_json: bool) -> None:
    home = Home(tmp_path)
    home.damage_the_registry()
    home.state(phase="resting")
    with home.locked():
        output, status = run(home.context, "status", *(["--json"] if as_json else []))
    assert "resting" in output
    assert "sessions without a daemon are missing here: the registry" in output
    assert status is None


def test_watching_is_not_for_programs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose one"):
        run(Home(tmp_path).context, "status", "--watch", "--json")


def test_watching_shows_what_changes_until_it_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "WATCH_SECONDS", 0.0)
    home = Home(tmp_path)
    looks = 0

    def clock() -> datetime:
        nonlocal looks
        looks += 1
        home.state(phase=f"look {looks + 1}")
        if looks == 3:
            raise KeyboardInterrupt
        return NOW

    context = replace(home.context, clock=clock)
    with home.locked():
        result = CliRunner().invoke(sync.group, ["status", "--watch"], obj=context)
    assert result.exit_code != 0
    assert "look 2" in result.output


IMPORTED = """
import json, sys
from confab_sync.__main__ import main
main(["sync", "status", "--json"])
print(json.dumps(sorted(sys.modules)))
"""


def test_status_imports_only_what_it_needs(tmp_path: Path) -> None:
    home = filled(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        env={**os.environ, **home.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    told, _, modules = done.stdout.rpartition("\n}\n")
    assert len(json.loads(told + "}")["sessions"]) == 2
    loaded = set(json.loads(modules))
    assert "confab_sync.cli.overview" in loaded
    slow = {"rich", "watchfiles", "zstandard", "platformdirs", "asyncio", "subprocess", "httpx"}
    assert loaded & slow == set()
    rooms = {name.split(".")[1] for name in loaded if name.startswith("confab_sync.")}
    assert rooms & {"backends", "daemon", "hooks"} == set()


def test_stop_needs_to_know_which(tmp_path: Path) -> None:
    home = filled(tmp_path)
    for arguments in (["stop"], ["stop", "--all", "111"]):
        with pytest.raises(UsageError, match="--all"):
            run(home.context, *arguments)


def test_stopping_everything_where_nothing_runs(tmp_path: Path) -> None:
    home = filled(tmp_path)
    output, status = run(home.context, "stop", "--all")
    assert (output, status) == ("No session is being archived now.\n", 0)
    assert home.marker() is None


def test_stopping_a_session_that_does_not_run_keeps_it_off(tmp_path: Path) -> None:
    home = filled(tmp_path)
    output, status = run(home.context, "stop", "111")
    assert output == "11111111  was not running; off until Claude Code starts it again\n"
    assert (status, home.marker()) == (0, marker.STOPPED)


@pytest.mark.parametrize("is_damaged", [True, False])
def test_session_that_nothing_but_its_transcript_tells_of_can_be_stopped(
    tmp_path: Path, is_damaged: bool
) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    if is_damaged:
        home.damage_the_registry()
    _, status = run(home.context, "stop", "111")
    assert (status, home.marker()) == (0, marker.STOPPED)


def test_what_came_of_stopping_is_told_as_json(tmp_path: Path) -> None:
    output, status = run(filled(tmp_path).context, "stop", "111", "--json")
    (told,) = json.loads(output)["sessions"]
    assert (told["id"], told["is_left"], status) == (ONE, False, 0)


def test_stopping_everything_stops_what_runs(tmp_path: Path) -> None:
    home = filled(tmp_path)
    with home.locked(TWO):
        output, status = run(home.context, "stop", "--all")
    assert output == "22222222  stopping; off until Claude Code starts this session again\n"
    assert status == 0
    assert (home.marker(ONE), home.marker(TWO)) == (None, marker.STOPPED)


def test_nothing_is_stopped_when_one_of_several_ids_is_unknown(tmp_path: Path) -> None:
    home = filled(tmp_path)
    with pytest.raises(SessionNotFound):
        run(home.context, "stop", "111", "zzz")
    assert home.marker() is None


def test_old_name_of_the_hook_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="session-start hook"):
        run(Home(tmp_path).context, "start")


@pytest.mark.parametrize("command", ["status", "stop"])
def test_help_has_an_example(tmp_path: Path, command: str) -> None:
    assert f"Example: confab sync {command}" in run(Home(tmp_path).context, command, "--help")[0]
