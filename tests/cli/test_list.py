"""`confab list` shows every session there is anything of, wherever that is."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.cli.knowing import EMBEDDED
from confab_sync.cli.list import command
from confab_sync.engine.registry import Registry
from confab_sync.errors import ConfigError
from confab_sync.presence import lock, marker
from tests.claude.test_conversation import assistant, user
from tests.cli.test_search import NOW, archive, context

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

USAGE = {"input_tokens": 1000, "output_tokens": 500, "cache_read_input_tokens": 83_000}


def write(home: Path, name: str, *lines: bytes, at: datetime = NOW) -> Path:
    path = home / ".claude" / "projects" / "-work-app" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def know(home: Path, name: str, *, finished: bool, at: datetime = NOW) -> None:
    with closing(Registry(str(home / "registry.db"), clock=lambda: at)) as registry:
        registry.see("claude-code", name, f"/p/{name}.jsonl", "/work/app")
        registry.opened("claude-code", name, "embedded", "s")
        registry.settle("claude-code", name, finished=finished, error="")


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=context(home), catch_exceptions=False)


def listed(home: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(home, "--json", *arguments).stdout)["sessions"]
    return found


def ids(home: Path, *arguments: str) -> list[str]:
    return [each["id"] for each in listed(home, *arguments)]


def test_a_title_that_only_the_file_tells_is_masked_unless_masking_is_off(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    write(tmp_path, "abc", user(f"What does {token} do?", cwd="/work/app"))
    assert [each["title"] for each in listed(tmp_path)] == ["What does [REDACTED:GITHUB_TOKEN] do?"]
    (tmp_path / "config.json").write_text('{"redaction": {"enabled": false}}')
    assert [each["title"] for each in listed(tmp_path)] == [f"What does {token} do?"]


def test_a_session_that_was_never_archived_is_listed_with_what_its_file_tells(
    tmp_path: Path,
) -> None:
    path = write(
        tmp_path,
        "abc",
        user("Fix the login", cwd="/work/app", gitBranch="main"),
        assistant({"type": "text", "text": "x"}, usage=USAGE),
    )
    assert listed(tmp_path) == [
        {
            "id": "abc",
            "state": "not archived",
            "last": NOW.isoformat(),
            "project": "/work/app",
            "branch": "main",
            "title": "Fix the login",
            "size": path.stat().st_size,
            "backend": "",
            "session_id": "",
            "path": str(path),
            "turns": 1,
            "input_tokens": 84_000,
            "output_tokens": 500,
            "context_tokens": 84_000,
            "model": "opus",
        }
    ]


def test_a_session_whose_file_is_gone_is_saved_and_counted_from_the_copy(tmp_path: Path) -> None:
    archive(tmp_path, "abc", user("a"), user("b"))
    (found,) = listed(tmp_path)
    assert (found["state"], found["turns"], found["title"]) == ("saved", 2, "About abc")


@pytest.mark.parametrize(("finished", "state"), [(True, "archived"), (False, "unfinished")])
def test_the_registry_says_whether_a_session_is_whole(
    tmp_path: Path, finished: bool, state: str
) -> None:
    archive(tmp_path, "abc", user("a"))
    know(tmp_path, "abc", finished=finished)
    write(tmp_path, "abc", user("a"))
    assert [each["state"] for each in listed(tmp_path)] == [state]


def test_a_file_that_was_written_to_since_is_unfinished(tmp_path: Path) -> None:
    archive(tmp_path, "abc", user("a"))
    know(tmp_path, "abc", finished=True, at=datetime(2026, 3, 1, tzinfo=UTC))
    write(tmp_path, "abc", user("a"), at=datetime(2026, 3, 2, tzinfo=UTC))
    assert [each["state"] for each in listed(tmp_path)] == ["unfinished"]


def test_the_embedded_store_goes_by_its_own_name() -> None:
    assert EmbeddedBackend.name == EMBEDDED


def test_what_a_store_had_that_was_taken_away_is_not_called_archived(tmp_path: Path) -> None:
    know(tmp_path, "abc", finished=True)
    write(tmp_path, "abc", user("a"))
    assert [each["state"] for each in listed(tmp_path)] == ["lost"]


def test_a_session_is_as_old_as_its_file_whenever_it_was_looked_at(tmp_path: Path) -> None:
    """An import looks at all of them, and the registry remembers when."""
    know(tmp_path, "abc", finished=True, at=datetime(2026, 3, 2, tzinfo=UTC))
    write(tmp_path, "abc", user("a"), at=datetime(2026, 2, 1, tzinfo=UTC))
    assert [each["last"] for each in listed(tmp_path)] == ["2026-02-01T00:00:00+00:00"]


@pytest.mark.parametrize(
    ("reason", "state"), [(marker.FORGOTTEN, "off"), ("paused", "not archived")]
)
def test_a_session_that_is_not_to_be_copied_is_not_called_unsynced(
    tmp_path: Path, reason: str, state: str
) -> None:
    write(tmp_path, "abc", user("a"))
    marker.put(context(tmp_path).paths.session("abc").off, reason)
    assert [each["state"] for each in listed(tmp_path)] == [state]
    assert ids(tmp_path, "--unsynced") == ([] if state == "off" else ["abc"])


def test_a_session_with_a_daemon_is_live(tmp_path: Path) -> None:
    know(tmp_path, "abc", finished=False)
    paths = context(tmp_path).paths.session("abc")
    os.makedirs(paths.directory, mode=0o700)
    taken = lock.take(paths.lock)
    assert taken is not None
    try:
        assert [each["state"] for each in listed(tmp_path)] == ["live"]
    finally:
        os.close(taken)


def test_the_newest_is_the_first_and_the_rest_is_cut_off(tmp_path: Path) -> None:
    for day in (1, 3, 2):
        write(tmp_path, f"day{day}", user("a"), at=datetime(2026, 3, day, tzinfo=UTC))
    assert ids(tmp_path) == ["day3", "day2", "day1"]
    assert ids(tmp_path, "-n", "2") == ["day3", "day2"]
    assert len(ids(tmp_path, "-n", "0")) == 3


def test_sessions_are_chosen_by_time_project_branch_and_state(tmp_path: Path) -> None:
    archive(tmp_path, "old", user("a"), at=datetime(2026, 2, 1, tzinfo=UTC), cwd="/other")
    write(tmp_path, "new", user("a", cwd="/work/app", gitBranch="fix"))
    assert ids(tmp_path, "--since", "2026-03-01") == ["new"]
    assert ids(tmp_path, "--until", "2026-03-01") == ["old"]
    assert ids(tmp_path, "--project", "/work") == ["new"]
    assert ids(tmp_path, "--branch", "fix") == ["new"]
    assert ids(tmp_path, "--unsynced") == ["new"]


def test_tallies_follow_a_file_that_grows_and_one_that_is_replaced(tmp_path: Path) -> None:
    path = write(tmp_path, "abc", user("a"))
    assert listed(tmp_path)[0]["turns"] == 1
    with path.open("ab") as stream:
        stream.write(user("b") + b"\n" + user("torn")[:-4])
    assert listed(tmp_path)[0]["turns"] == 2
    with path.open("ab") as stream:
        stream.write(user("torn")[-4:] + b"\n")
    assert listed(tmp_path)[0]["turns"] == 3
    path.unlink()
    write(tmp_path, "abc", user("only"))
    assert listed(tmp_path)[0]["turns"] == 1


def test_nothing_of_that_kind_is_said(tmp_path: Path) -> None:
    write(tmp_path, "one", user("hello"))
    result = run(tmp_path, "--branch", "other")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No session is like that." in result.stderr


def test_a_registry_that_cannot_be_read_is_named_and_hides_nothing_else(tmp_path: Path) -> None:
    archive(tmp_path, "abc", user("a"))
    (tmp_path / "registry.db").write_bytes(b"no database" * 100)
    result = run(tmp_path)
    assert "abc" in result.stdout
    assert "confab: the registry" in result.stderr


def test_a_broken_configuration_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ConfigError):
        run(tmp_path)


def test_titles_do_not_steer_the_terminal(tmp_path: Path) -> None:
    write(tmp_path, "abc", user("a\x1b[31m", cwd="/work/\x1b[2J"))
    assert "\x1b" not in run(tmp_path).stdout


def test_a_machine_without_sessions_is_told_so(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There is no session of Claude Code on this machine yet.\n"
