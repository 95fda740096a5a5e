"""`confab status`, as a person or a program calls it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from confab_sync.cli import hooks, setup, status
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.cli.homes import Home as Person
from tests.cli.homes import home as person
from tests.cli.homes import in_a_terminal, transcript
from tests.server.serving import serving


def run(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(status.command, arguments, obj=home.context, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def told(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(home, "--json"))
    return found


def configured(home: Home, **settings: Any) -> Home:
    path = Path(home.paths.config)
    path.write_text(json.dumps(settings))
    path.chmod(0o600)
    return home


def test_all_is_well_after_setup(tmp_path: Path) -> None:
    home = configured(Home(tmp_path))
    hooks.install(home.context, replace=False)
    assert run(home).splitlines()[1:] == [
        "backend   embedded, in ~/confab/store.db",
        "login     none is needed",
        "hooks     installed in ~/.claude/settings.json",
        "masking   on",
        "daemons   none: no session is open",
        "backlog   none: everything on disk is archived",
        "disk      store 0 bytes, index 0 bytes, logs 0 bytes",
    ]


def test_a_store_that_is_gone_with_its_sessions_is_said(tmp_path: Path) -> None:
    home = configured(Home(tmp_path))
    home.write(b"one\n")
    home.archive()
    for path in (tmp_path / "confab").glob("store.db*"):
        path.unlink()
    (found,) = told(home)["backends"]
    assert (found["answers"], found["error"]) == (False, "the store is gone, with 1 session")
    assert "`confab doctor` says what to do" in run(home)


def test_daemons_and_what_is_behind_are_counted(tmp_path: Path) -> None:
    home = configured(Home(tmp_path))
    home.state(ONE, phase="syncing", connection="online", behind_bytes=70)
    home.state(TWO, phase="resting", connection="offline")
    with home.locked(ONE), home.locked(TWO):
        found = told(home)
    assert found["daemons"] == {
        "running": 2,
        "syncing": 1,
        "resting": 1,
        "behind": 1,
        "offline": 1,
    }
    assert (found["backlog"]["sessions"], found["backlog"]["bytes"]) == (1, 70)


def test_the_first_deletion_is_told(tmp_path: Path) -> None:
    home = configured(Home(tmp_path))
    path = home.write(b"never archived\n")
    moment = NOW.timestamp() - 28 * 86400
    os.utime(path, (moment, moment))
    found = told(home)["backlog"]
    assert (found["never"], found["deleted_soon"]) == (1, 1)
    assert found["first_deletion"] == "2026-03-03T12:00:00Z"
    assert "deletes the first of them in 2 days" in run(home)


def test_a_pause_and_rules_are_told(tmp_path: Path) -> None:
    home = configured(Home(tmp_path), paused={}, ignore=["/a", "/b", "/c", "/d"])
    output = run(home)
    assert "pause     paused: nothing is copied; `confab resume` ends it" in output
    assert "ignored   /a, /b, /c and 1 more" in output


def test_broken_settings_are_told_with_their_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    Path(home.paths.config).write_text('{\n"log_level": 3}')
    output = run(home)
    assert "config.json, line 2: log_level should be a string" in output
    assert "backlog   what is on disk cannot be looked at now" in output
    assert "confab doctor" in output


def test_a_damaged_registry_is_a_problem(tmp_path: Path) -> None:
    home = configured(Home(tmp_path))
    home.damage_the_registry()
    assert any("is damaged" in problem for problem in told(home)["problems"])


def test_a_server_says_whose_key_it_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with serving(tmp_path / "server") as server:
        configured(home, backend_url=server.url, api_key=server.key())
        output = run(home)
    assert f"backend   {server.url} answers\nlogin     as owner@localhost\n" in output


def test_a_server_that_is_down_is_told(tmp_path: Path) -> None:
    home = configured(Home(tmp_path), backend_url="http://127.0.0.1:1", api_key="cfb_" + "x" * 40)
    (found,) = told(home)["backends"]
    assert not found["answers"]
    assert "cannot be reached" in found["error"]
    assert "x" * 40 not in run(home)


def test_a_server_that_hangs_is_given_its_time_and_no_more(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        configured(home, backend_url=url, api_key="cfb_" + "x" * 40)
        (found,) = told(home)["backends"]
    assert not found["answers"]
    assert "did not answer" in found["error"]


def test_sizes_are_those_on_disk(tmp_path: Path) -> None:
    home = configured(Home(tmp_path))
    home.write(b"one\n")
    home.archive()
    Path(home.paths.logs).mkdir()
    (Path(home.paths.logs) / "a.log").write_bytes(b"x" * 300)
    found = told(home)["disk"]
    assert found["logs"] == 300
    assert found["store"] >= Path(home.paths.store).stat().st_size


def test_json_has_no_raw_control_characters(tmp_path: Path) -> None:
    home = configured(Home(tmp_path), ignore=["/\x1b[2J\u202e"])
    output = run(home, "--json")
    assert all(" " <= character <= "~" or character == "\n" for character in output)
    assert "\x1b" not in run(home)


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_lines_keep_to_the_width_of_the_terminal(tmp_path: Path, width: int) -> None:
    home = configured(Home(tmp_path), paused={})
    environ = {**home.environ, "COLUMNS": str(width), "NO_COLOR": "1"}
    person = Person(tmp_path, home.context.from_environ(environ))
    status_, output = in_a_terminal(person, ["status"], "")
    assert status_ == 0
    assert "\x1b" not in output
    lines = [line for line in output.splitlines()[1:] if max(map(len, line.split() or [""])) < 15]
    assert lines
    assert all(len(line) <= width for line in lines)


def test_sessions_that_were_not_wanted_at_setup_are_no_backlog_but_named(tmp_path: Path) -> None:
    here = person(tmp_path)
    stamp = here.context.clock().timestamp() - 3600
    os.utime(transcript(here), (stamp, stamp))
    here.run(setup.command, "--no-import")
    assert "none; 1 session from before setup left out, `confab setup --import`" in (
        here.run(status.command).output
    )
