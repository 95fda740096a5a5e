"""`confab setup`: everything in place, told in a few lines, twice the same as once."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from confab_sync.cli.setup import command
from confab_sync.errors import ConfabError, ConfigError, SettingsError
from tests.cli.homes import home, in_a_terminal, transcript


def test_everything_is_in_place_and_private(tmp_path: Path) -> None:
    here = home(tmp_path)
    result = here.run(command)
    assert result.exit_code == 0
    assert os.access(here.confab / "bin" / "confab", os.X_OK)
    assert sorted(here.hooks()) == ["SessionEnd", "SessionStart", "UserPromptSubmit"]
    assert json.loads((here.confab / "config.json").read_text()) == {"log_level": "info"}
    assert stat.S_IMODE((here.confab / "config.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(here.confab.stat().st_mode) == 0o700


def test_it_says_what_is_kept_where_and_how_to_stop(tmp_path: Path) -> None:
    output = home(tmp_path).run(command).output
    for words in (
        "confab is set up",
        "~/.confab/store.db",
        "not encrypted",
        "~/.confab/config.json",
        "~/.claude/settings.json",
        "~/.confab/bin/confab",
        "confab hooks remove",
        "confab uninstall",
    ):
        assert words in output
    assert len(output.splitlines()) <= 15
    assert max(map(len, output.splitlines())) <= 80


def test_twice_is_the_same_as_once_and_says_so(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.write_settings({"model": "x"})
    here.run(command)
    before = here.everything()
    result = here.run(command)
    assert result.output.startswith("confab is already set up; nothing was changed.\n")
    assert here.everything() == before


@pytest.mark.parametrize("lost", [".confab/bin/confab", ".claude/settings.json"])
def test_what_was_lost_is_set_up_again(tmp_path: Path, lost: str) -> None:
    here = home(tmp_path)
    here.run(command)
    before = here.everything()
    (here.root / lost).unlink()
    assert here.run(command).output.startswith("confab is set up")
    assert here.everything() == before


def test_the_go_clis_config_is_taken_over_as_it_is(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    path = here.confab / "config.json"
    content = b'{"backend_url":"https://c.example","api_key":"cfb_s3cret","new":[1.50]}'
    path.write_bytes(content)
    path.chmod(0o644)
    transcript(here)
    output = here.run(command, "--import").output
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "copies    none: config.json names a server" in output
    assert "s3cret" not in output
    assert not (here.confab / "store.db").exists()


@pytest.mark.parametrize("content", [b"{,}", b'{"backend_url": 7}', b"[]"])
def test_a_wrong_config_stops_setup_before_anything_is_changed(
    tmp_path: Path, content: bytes
) -> None:
    here = home(tmp_path)
    here.confab.mkdir(mode=0o700)
    (here.confab / "config.json").write_bytes(content)
    before = here.everything()
    with pytest.raises(ConfigError):
        here.run(command)
    assert here.everything() == before


def test_refused_settings_are_left_alone(tmp_path: Path) -> None:
    here = home(tmp_path)
    data = here.write_settings(b'{"hooks": []}')
    with pytest.raises(SettingsError, match='"hooks" should be an object'):
        here.run(command)
    assert here.settings.read_bytes() == data
    assert not (here.confab / "bin").exists()


def test_a_file_in_the_place_of_the_home_is_an_error(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.write_bytes(b"mine")
    here.confab.chmod(0o644)
    with pytest.raises(ConfabError, match="not a directory"):
        here.run(command)
    assert here.confab.read_bytes() == b"mine"
    assert stat.S_IMODE(here.confab.stat().st_mode) == 0o644


def test_another_confab_is_named_with_the_way_to_replace_it(tmp_path: Path) -> None:
    here = home(tmp_path)
    go = [{"matcher": "*", "hooks": [{"type": "command", "command": "/opt/confab sync start"}]}]
    here.write_settings({"hooks": {"SessionStart": go}})
    assert "Another confab, /opt/confab" in here.run(command).output
    assert "Another confab" not in here.run(command, "--replace").output
    assert "/opt/confab" not in here.settings.read_text()


def test_without_a_terminal_nothing_is_asked_and_nothing_imported(tmp_path: Path) -> None:
    here = home(tmp_path)
    transcript(here)
    output = here.run(command).output
    assert "1 session of Claude Code is on disk; `confab setup --import`" in output
    assert not (here.confab / "store.db").exists()


@pytest.mark.parametrize("option", ["--import", "--yes"])
def test_sessions_on_disk_are_imported_on_request(tmp_path: Path, option: str) -> None:
    here = home(tmp_path)
    transcript(here)
    here.run(command, option)
    assert (here.confab / "store.db").exists()


def test_no_import_is_not_even_offered(tmp_path: Path) -> None:
    here = home(tmp_path)
    transcript(here)
    assert "on disk" not in here.run(command, "--no-import", "--yes").output


@pytest.mark.parametrize(("answer", "imported"), [("", True), ("y", True), ("n", False)])
def test_in_a_terminal_the_user_is_asked(tmp_path: Path, answer: str, imported: bool) -> None:
    here = home(tmp_path)
    transcript(here)
    assert "Copy what is not in the store yet?" in in_a_terminal(here, ["setup"], answer)[1]
    assert (here.confab / "store.db").exists() is imported


def test_help_has_an_example(tmp_path: Path) -> None:
    assert "Example: confab setup" in home(tmp_path).run(command, "--help").output
