"""config.json is read strictly: what cannot be used is an error with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.config import (
    Binding,
    Config,
    Redaction,
    Send,
    load_config,
    parse_config,
    write_config,
)
from confab_sync.errors import ConfigError
from tests.config.factories import KEY, OF_THE_GO_CLI, written


def test_the_go_clis_file_is_understood(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, OF_THE_GO_CLI))
    assert config.backend == "http"
    assert config.backend_url == "https://confab.example.com"
    assert config.api_key == KEY
    assert config.log_level == "warn"
    assert not config.auto_update
    assert config.redaction == Redaction(True, False, tuple(OF_THE_GO_CLI["redaction"]["patterns"]))
    assert config.bindings == {"claude-code": {"/srv/claude": Binding("http://b:1", KEY)}}
    assert config.bound_directories == ("/srv/claude",)
    assert config.raw == OF_THE_GO_CLI


@pytest.mark.parametrize("content", [{}, {"backend_url": "", "api_key": ""}, {"redaction": None}])
def test_empty_and_null_mean_absent(tmp_path: Path, content: dict[str, Any]) -> None:
    config = load_config(written(tmp_path, content))
    assert config.backend == "embedded"
    assert config.redaction is None


def test_everything_is_sent_unless_that_is_said() -> None:
    for content in (b"{}", b'{"send": null}', b'{"send": {}}', b'{"send": {"paths": null}}'):
        assert parse_config(content, "c").send == Send(True, True, True)
    content = b'{"send": {"hostname": false, "username": false, "paths": false}}'
    assert parse_config(content, "c").send == Send(False, False, False)


def test_absent_redaction_switches_are_on() -> None:
    assert parse_config(b'{"redaction": {}}', "c").redaction == Redaction()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ", line 1: not JSON"),
        (b'{\n "log_level": "info"\n "auto_update": true}', ", line 3: not JSON"),
        (b'{"n": NaN}', "NaN is not allowed"),
        (b'{\n"a": "\xff"}', ", line 2: not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "should hold a JSON object"),
        (b"null", "should hold a JSON object"),
        (b'{\n"backend_url": 7}', ", line 2: backend_url should be a string"),
        (b'{"backend_url": "ftp://x"}', ", line 1: backend_url should begin with https://"),
        (b'{"backend_url": "example.com"}', "backend_url should begin with https://"),
        (b'{"backend_url": "https://"}', "backend_url should begin with https://"),
        (b'{"backend_url": "https://[x"}', "backend_url should begin with https://"),
        (b'{"api_key": ["s3cret"]}', "api_key should be a string"),
        (b'{"api_key": "s3cret\\n"}', "api_key has a character that no key has"),
        (b'{"log_level": "loud"}', "log_level should be one of debug, info"),
        (b'{"auto_update": "yes"}', "auto_update should be true or false"),
        (b'{"redaction": true}', "redaction should be an object"),
        (b'{"redaction": {"enabled": 1}}', "redaction.enabled should be true or false"),
        (b'{"redaction": {"patterns": {}}}', "redaction.patterns should be a list"),
        (b'{"redaction": {"patterns": [1]}}', "redaction.patterns should be a list of objects"),
        (b'{"redaction": {"patterns": [{"pattern": 1}]}}', "pattern should be a string"),
        (b'{"redaction": {"patterns": [{"capture_group": true}]}}', "should be a whole number"),
        (b'{"send": false}', "send should be an object"),
        (b'{"send": {"paths": "no"}}', "send.paths should be true or false"),
        (b'{\n"ignore": "/a"}', ", line 2: ignore should be a list of absolute paths"),
        (b'{"ignore": ["~/a"]}', "ignore should be a list of absolute paths"),
        (b'{"paused": true}', "paused should be an object"),
        (b'{"paused": {"until": "tomorrow"}}', "paused should be an object"),
        (b'{"bindings": []}', "bindings should be an object"),
        (b'{"bindings": {"claude-code": 1}}', "bindings.claude-code should be an object"),
        (b'{"bindings": {"claude-code": {"/d": 1}}}', "bindings: /d should be an object"),
        (b'{"bindings": {"claude-code": {"/\\n": 1}}}', "bindings: / should be an object"),
        (b'{"bindings": {"x": {"/d": {"backend_url": 1}}}}', "backend_url should be a string"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_with_its_place(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as refusal:
        load_config(path)
    assert str(refusal.value).startswith(path)
    assert message in str(refusal.value)
    assert "s3cret" not in str(refusal.value)
    with pytest.raises(ConfigError):
        write_config(path, {"log_level": "info"})
    assert Path(path).read_bytes() == content


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, b"\xef\xbb\xbf{}")) == Config()


@settings(deadline=None)
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from([*OF_THE_GO_CLI, "enabled", "patterns", "claude-code"]), inner
            )
        ),
        max_leaves=10,
    ).map(lambda v: json.dumps(v).encode())
)
def test_no_content_is_answered_with_anything_but_a_config_or_a_config_error(data: bytes) -> None:
    try:
        outcome: object = parse_config(data, "config.json")
    except ConfigError as error:
        outcome = error
    assert "\n" not in str(outcome)


def test_plain_http_is_not_allowed_unless_said(tmp_path: Path) -> None:
    assert not parse_config(b"{}", "c").allow_plain_http
    assert parse_config(b'{"allow_plain_http": true}', "c").allow_plain_http
    with pytest.raises(ConfigError, match="allow_plain_http"):
        parse_config(b'{"allow_plain_http": "yes"}', "c")
