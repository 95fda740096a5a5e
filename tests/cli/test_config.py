"""`confab config` changes what was asked, refuses what could not be used, shows no key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from confab_sync.cli.config import group
from confab_sync.cli.context import Context
from confab_sync.errors import ConfabError, ConfigError, UsageError
from confab_sync.paths import Paths

KEY = "cfb_" + "Ab-_" * 10


def run(home: Path, *arguments: str) -> Result:
    environ = {"CONFAB_HOME": str(home)}
    context = Context(environ=environ, paths=Paths(environ))
    return CliRunner().invoke(group, arguments, obj=context, catch_exceptions=False)


def config(home: Path, content: object = None) -> dict[str, Any]:
    path = home / "config.json"
    if content is not None:
        path.write_text(json.dumps(content))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def refused(home: Path, *arguments: str) -> ConfabError:
    """What refuses the command; nothing has changed then."""
    path = home / "config.json"
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(ConfabError) as caught:
        run(home, *arguments)
    assert (path.read_bytes() if path.exists() else None) == before
    return caught.value


def test_a_setting_is_changed_and_the_others_stay(tmp_path: Path) -> None:
    config(tmp_path, {"unknown": {"n": 10**30}, "log_level": "warn"})
    assert run(tmp_path, "set", "redaction.enabled", "false").exit_code == 0
    run(tmp_path, "set", "log_level", "debug")
    run(tmp_path, "set", "send.hostname", "false")
    assert config(tmp_path) == {
        "unknown": {"n": 10**30},
        "log_level": "debug",
        "redaction": {"enabled": False},
        "send": {"hostname": False},
    }


def test_whoever_switches_masking_off_is_told(tmp_path: Path) -> None:
    assert "not masked" in run(tmp_path, "set", "redaction.enabled", "false").stderr
    assert "not masked" not in run(tmp_path, "set", "redaction.enabled", "true").output


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ({"name": "N", "pattern": "a("}, "'N'"),
        ({"name": "N", "field_pattern": "["}, "'N'"),
        ({"name": "N", "pattern": "(?=a)b"}, "'N'"),
        ({"name": "N", "pattern": "a", "capture_group": 1}, "no capture group"),
        ({"name": "N"}, "neither pattern nor field_pattern"),
        ("a", "list of objects"),
        ({"pattern": 1}, "should be a string"),
    ],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_a_pattern_that_cannot_be_used_is_refused(
    tmp_path: Path, pattern: object, why: str, enabled: bool
) -> None:
    config(tmp_path, {"redaction": {"enabled": enabled}})
    error = refused(tmp_path, "set", "redaction.patterns", json.dumps([pattern]))
    assert isinstance(error, UsageError)
    assert why in str(error)


def test_a_pattern_that_can_be_used_is_written(tmp_path: Path) -> None:
    patterns = [{"name": "N", "type": "n", "pattern": r"\bE-([0-9]{6})\b", "capture_group": 1}]
    run(tmp_path, "set", "redaction.patterns", json.dumps(patterns))
    assert config(tmp_path) == {"redaction": {"patterns": patterns}}


def test_a_broken_pattern_can_be_taken_out_again(tmp_path: Path) -> None:
    config(tmp_path, {"redaction": {"patterns": [{"pattern": "("}]}})
    run(tmp_path, "unset", "redaction.patterns")
    assert config(tmp_path) == {"redaction": {}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("api_key", KEY),
        ("bindings.claude-code./x.api_key", KEY),
        ("bindings", json.dumps({"claude-code": {"/x": {"api_key": KEY}}})),
    ],
)
def test_no_api_key_is_taken_from_the_command_line(tmp_path: Path, key: str, value: str) -> None:
    error = refused(tmp_path, "set", key, value)
    assert isinstance(error, UsageError)
    assert "confab login" in str(error)
    assert KEY not in str(error)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("log_levl", "debug"),
        ("redaction.enable", "true"),
        ("send.host", "false"),
        ("raw", "1"),
        ("", "1"),
        ("log_level.x", "1"),
        ("log_level", "loud"),
        ("redaction.enabled", "perhaps"),
        ("send.hostname", "1"),
        ("redaction", "7"),
        ("log_level", "null"),
        ("backend_url", "ftp://x"),
        ("auto_update", "NaN"),
    ],
)
def test_what_could_not_be_used_is_refused(tmp_path: Path, key: str, value: str) -> None:
    config(tmp_path, {"log_level": "warn"})
    refused(tmp_path, "set", key, value)


def test_a_wrong_value_is_told_as_one_and_the_file_is_not_blamed(tmp_path: Path) -> None:
    config(tmp_path, {"log_level": "warn"})
    error = refused(tmp_path, "set", "log_level", "loud")
    assert isinstance(error, UsageError)
    assert str(error).startswith("nothing was changed: log_level should be one of debug, ")


def test_of_a_file_that_cannot_be_used_the_file_is_blamed(tmp_path: Path) -> None:
    config(tmp_path, {"log_level": 7})
    error = refused(tmp_path, "set", "log_level", "info")
    assert isinstance(error, ConfigError)
    assert "config.json, line 1: log_level" in str(error)


@pytest.mark.parametrize(
    ("key", "command"), [("ignore", "confab ignore"), ("paused", "confab pause")]
)
def test_what_has_a_command_of_its_own_is_led_to_it(tmp_path: Path, key: str, command: str) -> None:
    for words in (("get", key), ("set", key, "[]")):
        assert f"`{command}" in str(refused(tmp_path, *words))


def test_no_update_is_promised_that_never_comes(tmp_path: Path) -> None:
    assert "auto_update" not in run(tmp_path, "list").output
    config(tmp_path, {"auto_update": True})
    assert "auto_update = true" in run(tmp_path, "list").output


def test_of_api_keys_only_the_beginning_is_shown(tmp_path: Path) -> None:
    bound = {"claude-code": {"/x.y": {"backend_url": "https://b", "api_key": KEY}}}
    config(tmp_path, {"api_key": KEY, "bindings": bound})
    for arguments in (
        ("list",), ("list", "--json"), ("get", "api_key"), ("get", "bindings"),
        ("get", "bindings.claude-code", "--json"),
    ):  # fmt: skip
        shown = run(tmp_path, *arguments).output
        assert KEY[:8] in shown
        assert KEY[:12] not in shown


def test_defaults_are_shown_as_such(tmp_path: Path) -> None:
    config(tmp_path, {"log_level": "warn"})
    lines = run(tmp_path, "list").stdout.splitlines()
    assert 'log_level = "warn"' in lines
    assert "redaction.enabled = true  (default)" in lines
    assert json.loads(run(tmp_path, "list", "--json").stdout)["send.hostname"] is True
    assert run(tmp_path, "get", "log_level").stdout == "warn\n"
    assert run(tmp_path, "get", "log_level", "--json").stdout == '"warn"\n'
    assert run(tmp_path, "get", "redaction.use_default_patterns").stdout == "true\n"
    assert isinstance(refused(tmp_path, "get", "log_levl"), UsageError)


def test_nothing_that_a_terminal_obeys_is_printed(tmp_path: Path) -> None:
    config(tmp_path, {"a\x1b[2J": "b\x1b[2J"})
    assert "\x1b" not in run(tmp_path, "list").output
    assert "\x1b" not in run(tmp_path, "get", "a\x1b[2J").output


def test_a_setting_that_is_taken_away_has_its_default(tmp_path: Path) -> None:
    config(tmp_path, {"log_level": "warn", "send": {"hostname": False, "paths": False}})
    assert 'default is "info"' in run(tmp_path, "unset", "log_level").stdout
    run(tmp_path, "unset", "send.hostname")
    assert config(tmp_path) == {"send": {"paths": False}}
    assert "not set" in run(tmp_path, "unset", "log_level").stdout
    assert isinstance(refused(tmp_path, "unset", "log_levl"), UsageError)
