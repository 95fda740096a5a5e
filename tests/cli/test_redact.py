"""`confab redact` shows what masking does, and shows no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from confab_sync.cli.context import Context
from confab_sync.cli.redact import command
from confab_sync.errors import ConfigError
from confab_sync.paths import Paths

SECRET = "hunt" + "er2x"
LINES = f'{{"a":1}}\n{{"t":"one\\u001b[2J two password={SECRET} three"}}\n'


def run(home: Path, *arguments: str, config: object = None, stdin: str = LINES) -> Result:
    environ = {"CONFAB_HOME": str(home)}
    if config is not None:
        (home / "config.json").write_text(json.dumps(config))
    context = Context(environ=environ, paths=Paths(environ))
    return CliRunner().invoke(command, arguments, obj=context, input=stdin, catch_exceptions=False)


def test_a_file_is_printed_as_it_would_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(LINES)
    result = run(tmp_path, str(path))
    assert result.stdout == LINES.replace(SECRET, "[REDACTED:SENSITIVE_FIELD]")
    assert path.read_text() == LINES
    assert run(tmp_path).stdout == result.stdout


def test_the_report_tells_where_and_what_without_the_secret(tmp_path: Path) -> None:
    result = run(tmp_path, "--report", stdin=LINES.replace("\\u001b", "\x1b"))
    where, what = result.stdout.splitlines()
    assert where.startswith("line 2  SENSITIVE_FIELD  ")
    assert "two password=[REDACTED:SENSITIVE_FIELD] three" in where
    assert what == "Would be masked: 1 SENSITIVE_FIELD."
    assert SECRET not in result.output
    assert "\x1b" not in result.output


def test_the_report_on_clean_text_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "--report", stdin="hello\n").stdout == "Nothing would be masked.\n"


def test_markers_that_were_there_before_are_not_reported(tmp_path: Path) -> None:
    text = "password=[REDACTED:SENSITIVE_FIELD]\n"
    assert run(tmp_path, "--report", stdin=text).stdout == "Nothing would be masked.\n"


def test_the_users_patterns_count_even_when_masking_is_off(tmp_path: Path) -> None:
    patterns = [{"pattern": "two", "type": "number"}]
    config = {"redaction": {"enabled": False, "patterns": patterns}}
    result = run(tmp_path, config=config)
    assert "[REDACTED:NUMBER]" in result.stdout
    assert "switched off" in result.stderr


def test_a_pattern_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        run(tmp_path, config={"redaction": {"patterns": [{"pattern": "("}]}})
