"""`confab hooks add | remove | status`."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.hooks import group
from confab_sync.errors import SettingsError
from tests.cli.homes import home

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = ["SessionStart", "SessionEnd", "UserPromptSubmit"]
GO = {"hooks": [{"type": "command", "command": "/usr/local/bin/confab hook session-end"}]}


def test_added_hooks_run_through_the_shell_and_answer(tmp_path: Path) -> None:
    here = home(tmp_path / "o'brien smith")
    here.run(group, "add")
    for event in EVENTS:
        command = here.hooks()[event][0]["hooks"][0]["command"]
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            input="{}",
            capture_output=True,
            text=True,
            check=False,
            env={"HOME": str(here.root), "CONFAB_HOME": str(here.confab), "PATH": "/bin:/usr/bin"},
        )
        assert done.returncode == 0
        assert json.loads(done.stdout)["continue"] is True


def test_adding_says_where_and_twice_says_that_nothing_was_changed(tmp_path: Path) -> None:
    here = home(tmp_path)
    first, second = here.run(group, "add"), here.run(group, "add")
    assert first.output == f"Hooks are now in ~/.claude/settings.json: {', '.join(EVENTS)}.\n"
    assert second.output == (
        "Hooks were in ~/.claude/settings.json already; nothing was changed there.\n"
    )


@pytest.mark.parametrize("data", [None, b"", b"{ }\n", b'{"a": 1, "hooks": {"Stop": []}}'])
def test_removing_gives_the_original_bytes_back(tmp_path: Path, data: bytes | None) -> None:
    here = home(tmp_path)
    if data is not None:
        here.write_settings(data)
    for _ in range(3):
        here.run(group, "add")
    result = here.run(group, "remove")
    assert "Hooks removed from ~/.claude/settings.json" in result.output
    assert "confab-backup" not in result.output
    assert (here.settings.read_bytes() if here.settings.exists() else None) == data


def test_removing_names_the_backup_while_it_differs(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.write_settings({"model": "x"})
    here.run(group, "add")
    here.settings.write_bytes(here.settings.read_bytes().replace(b'"x"', b'"y"'))
    assert "~/.claude/settings.json.confab-backup" in here.run(group, "remove").output


def test_removing_nothing_says_so_and_creates_nothing(tmp_path: Path) -> None:
    here = home(tmp_path)
    result = here.run(group, "remove")
    assert result.output == "There were no hooks of confab in ~/.claude/settings.json.\n"
    assert here.everything() == {}


@pytest.mark.parametrize("variable", ["CONFAB_CLAUDE_DIR", "CLAUDE_CONFIG_DIR"])
def test_the_directory_of_claude_code_may_be_another(tmp_path: Path, variable: str) -> None:
    here = home(tmp_path, **{variable: str(tmp_path / "elsewhere")})
    here.run(group, "add")
    assert (tmp_path / "elsewhere" / "settings.json").exists()
    assert not here.settings.exists()


def test_status_is_0_when_all_are_there_and_1_otherwise(tmp_path: Path) -> None:
    here = home(tmp_path)
    missing = here.run(group, "status")
    assert missing.exit_code == 1
    assert "SessionStart      missing" in missing.output
    assert "`confab hooks add` brings them in." in missing.output
    here.run(group, "add")
    installed = here.run(group, "status")
    assert installed.exit_code == 0
    assert installed.output.count("installed") == 4


def test_status_tells_each_event_apart(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.run(group, "add")
    hooks = here.hooks()
    hooks["SessionStart"][0]["matcher"] = "startup"
    hooks["SessionEnd"] = [GO]
    del hooks["UserPromptSubmit"]
    here.write_settings({"hooks": hooks})
    result = here.run(group, "status", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["events"] == {
        "SessionStart": "stale",
        "SessionEnd": "foreign",
        "UserPromptSubmit": "missing",
    }
    assert report["other_confabs"] == {"/usr/local/bin/confab": ["SessionEnd"]}
    assert report["complete"] is False
    table = here.run(group, "status").output
    assert "SessionStart      out of date" in table
    assert "SessionEnd        another confab only" in table
    assert "Another confab, /usr/local/bin/confab" in table


def test_status_misses_a_launcher_that_is_gone(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.run(group, "add")
    (here.confab / "bin" / "confab").unlink()
    result = here.run(group, "status")
    assert result.exit_code == 1
    assert "launcher          missing" in result.output
    assert here.run(group, "add").exit_code == 0
    assert here.run(group, "status").exit_code == 0


def test_status_says_when_claude_code_runs_no_hooks_at_all(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.write_settings({"disableAllHooks": True})
    assert "disableAllHooks" in here.run(group, "add").output
    result = here.run(group, "status")
    assert result.exit_code == 1
    assert "disableAllHooks" in result.output


def test_another_confab_is_replaced_only_on_request(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.write_settings({"hooks": {"SessionEnd": [GO]}})
    result = here.run(group, "add")
    assert "Another confab, /usr/local/bin/confab, is hooked to SessionEnd" in result.output
    assert GO in here.hooks()["SessionEnd"]
    assert "Another" not in here.run(group, "add", "--replace").output
    assert GO not in here.hooks()["SessionEnd"]


def test_refused_settings_stay_and_nothing_else_is_written(tmp_path: Path) -> None:
    here = home(tmp_path)
    data = here.write_settings(b'{\n  "model": "x",\n}\n')
    before = here.everything()
    for name in ("add", "remove", "status"):
        with pytest.raises(SettingsError, match=r"settings\.json, line 2: a comma"):
            here.run(group, name)
    assert here.settings.read_bytes() == data
    assert here.everything() == before


@pytest.mark.parametrize("name", ["add", "remove", "status"])
def test_help_has_an_example(tmp_path: Path, name: str) -> None:
    assert f"Example: confab hooks {name}" in home(tmp_path).run(group, name, "--help").output
