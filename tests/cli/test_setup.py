"""`confab setup`: everything in place, told in a few lines, twice the same as once."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from confab_sync.cli.setup import command
from confab_sync.errors import (
    BackendUnauthorized,
    ConfabError,
    ConfigError,
    SettingsError,
    UsageError,
)
from tests.cli.homes import Home, home, in_a_terminal, transcript
from tests.server.serving import serving


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


def test_a_shell_in_which_confab_is_switched_off_can_set_it_up(tmp_path: Path) -> None:
    here = home(tmp_path, CONFAB_DISABLED="1")
    assert here.run(command).exit_code == 0
    assert sorted(here.hooks()) == ["SessionEnd", "SessionStart", "UserPromptSubmit"]


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
    output = here.run(command, "--no-import").output
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "  server    https://c.example\n" in output
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
    assert output.endswith("; the next session has it copied in the background.\n")
    assert not (here.confab / "store.db").exists()
    here.run(command, "--no-import")
    assert here.run(command).output.endswith("copies what is not in the store yet, now.\n")


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


def set_up(here: Home, *arguments: str, typed: str = "") -> str:
    """What `confab setup` prints with `typed` on its standard input."""
    result = CliRunner().invoke(
        command, ["--no-import", *arguments], obj=here.context, input=typed, catch_exceptions=False
    )
    return result.output


def test_named_server_is_kept_and_login_named(tmp_path: Path) -> None:
    here = home(tmp_path)
    output = set_up(here, "--backend-url", "https://confab.example.com/")
    assert "  server    https://confab.example.com\n" in output
    assert "`confab login`" in output
    assert "store.db" not in output
    assert "leave     confab uninstall       copies there stay" in output
    config = json.loads((here.confab / "config.json").read_text())
    assert (config["backend_url"], config["api_key"]) == ("https://confab.example.com", "")


def test_key_on_standard_input_is_tried_and_kept_beside_what_was_there(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (here.confab / "config.json").write_text('{"odd": [1.50], "backend_url": "https://a.b"}')
    with serving(tmp_path / "server") as server:
        key = server.key()
        arguments = ["--backend-url", server.url, "--api-key-stdin"]
        output = set_up(here, *arguments, typed=key + "\n")
        assert "nothing was changed" in set_up(here, *arguments, typed=key + "\n")
    assert key[:8] in output
    assert key not in output
    config = json.loads((here.confab / "config.json").read_text())
    assert config == {"odd": [1.5], "backend_url": server.url, "api_key": key}


def test_key_that_the_server_does_not_know_changes_nothing(tmp_path: Path) -> None:
    here = home(tmp_path)
    key = "cfb_" + "x" * 40
    with serving(tmp_path / "server") as server, pytest.raises(BackendUnauthorized) as refused:
        set_up(here, "--backend-url", server.url, "--api-key-stdin", typed=key)
    assert key not in str(refused.value)
    assert here.everything() == {}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("confab.example.com", "begin with https://"),
        ("ftp://confab.example.com", "begin with https://"),
        ("https://", "begin with https://"),
        ("https://a:x", "begin with https://"),
        ("https://ann:pw@confab.example.com", "user name or password"),
        ("http://confab.example.com", "plain http"),
    ],
)
def test_address_that_must_not_be_used_changes_nothing(tmp_path: Path, url: str, why: str) -> None:
    here = home(tmp_path)
    with pytest.raises(ConfigError, match=why):
        set_up(here, "--backend-url", url)
    assert here.everything() == {}


@pytest.mark.parametrize("arguments", [["--backend-url", ""], ["--api-key-stdin"]])
def test_server_has_to_be_named(tmp_path: Path, arguments: list[str]) -> None:
    here = home(tmp_path)
    with pytest.raises(UsageError, match="--backend-url"):
        set_up(here, *arguments, typed="cfb_" + "x" * 40)
    assert here.everything() == {}


def test_key_of_one_server_is_never_left_for_another(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    path = here.confab / "config.json"
    path.write_text('{"backend_url": "https://a.b", "api_key": "cfb_one"}')
    set_up(here, "--backend-url", "https://a.b")
    assert json.loads(path.read_text())["api_key"] == "cfb_one"
    set_up(here, "--backend-url", "https://c.d")
    assert json.loads(path.read_text())["api_key"] == ""


def test_sessions_on_disk_are_sent_to_the_server_on_request(tmp_path: Path) -> None:
    here = home(tmp_path)
    path = transcript(here)
    with serving(tmp_path / "server") as server:
        arguments = ["--import", "--backend-url", server.url, "--api-key-stdin"]
        result = CliRunner().invoke(
            command, arguments, obj=here.context, input=server.key(), catch_exceptions=False
        )
        assert "Imported 1 of 1 session," in result.output
        with server.store() as store:
            (session,) = store.sessions()
            stored = b"".join(store.read_file(session.session_id, path.name))
    assert stored == path.read_bytes()
    assert not (here.confab / "store.db").exists()


def test_import_waits_for_the_login(tmp_path: Path) -> None:
    here = home(tmp_path)
    transcript(here)
    output = here.run(command, "--import", "--backend-url", "https://c.d").output
    assert "after `confab login`, `confab setup --import` sends them" in output


@pytest.mark.parametrize(
    ("enabled", "words"), [("true", "are masked"), ("false", "ARE NOT MASKED")]
)
def test_it_says_whether_secrets_are_masked(tmp_path: Path, enabled: str, words: str) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (here.confab / "config.json").write_text(f'{{"redaction": {{"enabled": {enabled}}}}}')
    assert f"  secrets   {words}" in here.run(command).output
