"""config.json: read strictly, written without losing anything."""

from __future__ import annotations

import json
import os
import stat
import threading
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
from tests.processes import finish, line_of, python

KEY = "cfb_" + "Ab-_" * 10

OF_THE_GO_CLI: dict[str, Any] = {
    "backend_url": "https://confab.example.com/",
    "api_key": KEY,
    "log_level": "warn",
    "auto_update": False,
    "redaction": {
        "enabled": True,
        "use_default_patterns": False,
        "patterns": [{"name": "N", "pattern": "x+", "type": "api_key", "capture_group": 1}],
    },
    "bindings": {"claude-code": {"/srv/claude": {"backend_url": "http://b:1", "api_key": KEY}}},
    "something_new": {"n": 123456789012345678901234567890},
}


def written(tmp_path: Path, content: object) -> str:
    path = tmp_path / "config.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def test_a_missing_file_means_the_embedded_store(tmp_path: Path) -> None:
    config = load_config(str(tmp_path / "config.json"))
    assert config == Config()
    assert config.backend == "embedded"
    assert config.auto_update
    assert config.bound_directories == ()


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


def test_the_key_is_in_no_representation(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, OF_THE_GO_CLI))
    assert KEY not in repr(config)
    assert KEY not in str(config)


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


def test_a_directory_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(str(tmp_path))


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, b"\xef\xbb\xbf{}")) == Config()


def test_writing_creates_a_private_file_in_a_private_directory(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.json"
    write_config(str(path), {"log_level": "debug"})
    assert path.read_text() == '{\n  "log_level": "debug"\n}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_writing_leaves_the_mode_of_an_existing_directory_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_config(str(tmp_path / "config.json"), {})
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_writing_keeps_unknown_keys_and_the_order(tmp_path: Path) -> None:
    path = written(tmp_path, OF_THE_GO_CLI)
    config = write_config(path, {"log_level": "error", "api_key": None, "added": "é\ud800"})
    expected = {**OF_THE_GO_CLI, "log_level": "error", "added": "é\ud800"}
    del expected["api_key"]
    stored = json.loads(Path(path).read_text())
    assert stored == expected
    assert list(stored) == list(expected)
    assert config.raw == expected


def test_writing_what_is_there_already_only_makes_it_private(tmp_path: Path) -> None:
    path = written(tmp_path, {"log_level": "info"})
    os.chmod(path, 0o644)
    before = os.stat(path)
    write_config(path, {"log_level": "info"})
    after = os.stat(path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert stat.S_IMODE(after.st_mode) == 0o600


def test_a_wrong_change_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    with pytest.raises(ConfigError, match="backend_url"):
        write_config(path, {"backend_url": 7})
    assert Path(path).read_text() == "{}"


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    target = written(tmp_path, {})
    link = tmp_path / "link.json"
    link.symlink_to(target)
    write_config(str(link), {"log_level": "info"})
    assert link.is_symlink()
    assert json.loads(Path(target).read_text()) == {"log_level": "info"}


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")

    def write(number: int) -> None:
        for step in range(5):
            write_config(path, {f"key{number}.{step}": step})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_config(path).raw) == 20


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


def test_a_bound_directory_has_its_own_target_and_others_none() -> None:
    config = Config(
        backend_url="https://a",
        api_key=KEY,
        bindings={"claude-code": {"/b": Binding("https://b", "k"), "/empty": Binding("", KEY)}},
    )
    assert config.target(None) == Binding("https://a", KEY)
    assert config.target("/b") == Binding("https://b", "k")
    for unbound in ("/c", "/empty"):
        with pytest.raises(ConfigError, match=unbound):
            config.target(unbound)
    assert Config(backend_url="https://a").target("/c") == Binding("https://a", "")


WRITER = """
import sys
from confab_sync.config import write_config
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    write_config(sys.argv[1], {f"key-{sys.argv[2]}-{number}": number})
"""


def test_no_writer_of_many_processes_undoes_what_another_wrote(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    writers = [python(WRITER, str(path), str(number)) for number in range(4)]
    assert [line_of(writer) for writer in writers] == ["ready"] * 4
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        finish(writer)
    assert len(load_config(str(path)).raw) == 80
    assert sorted(os.listdir(tmp_path)) == ["config.json", "config.json.lock"]


def test_key_of_one_server_never_becomes_that_of_another(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    write_config(path, {"backend_url": "https://a.example", "api_key": "cfb_a"})
    assert write_config(path, {"backend_url": "https://a.example"}).api_key == "cfb_a"
    assert write_config(path, {"log_level": "debug"}).api_key == "cfb_a"
    assert write_config(path, {"backend_url": "https://b.example"}).api_key == ""
    write_config(path, {"api_key": "cfb_b"})
    assert write_config(path, {"backend_url": None}).api_key == ""
