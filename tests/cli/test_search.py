"""`confab search` finds what was said, newest state first, and says so when there is nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli.context import Context
from confab_sync.cli.search import command
from confab_sync.errors import SearchError, StoreUnavailable
from confab_sync.paths import Paths
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo
from tests.claude.test_conversation import assistant, user

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def context(home: Path) -> Context:
    environ = {"CONFAB_HOME": str(home), "HOME": str(home)}
    return Context(environ=environ, paths=Paths(environ), clock=lambda: NOW)


def archive(
    home: Path,
    external_id: str,
    *lines: bytes,
    cwd: str = "/work/app",
    at: datetime = NOW,
    name: str = "",
    kind: str = "transcript",
    first_line: int = 1,
) -> None:
    data = b"".join(line + b"\n" for line in lines)
    metadata = ChunkMetadata(first_user_message=f"About {external_id}", latest_message_at=at)
    with Store.open(context(home).paths.store, clock=lambda: NOW) as store:
        info = SessionInfo("claude-code", external_id, f"/p/{external_id}.jsonl", cwd=cwd)
        session = store.open_session(info).session_id
        file = name or f"{external_id}.jsonl"
        end = 10_000 * first_line + len(data)
        store.append(
            session, Chunk(file, kind, first_line, len(lines), data, end, metadata=metadata)
        )


def run(home: Path, *arguments: str) -> Result:
    runner = CliRunner()
    return runner.invoke(command, arguments, obj=context(home), catch_exceptions=False)


def found(home: Path, *arguments: str) -> list[str]:
    answer = json.loads(run(home, "--json", *arguments).stdout)
    return [session["id"] for session in answer["sessions"]]


def test_what_was_said_is_shown_with_its_session(tmp_path: Path) -> None:
    archive(
        tmp_path, "abcdef12-3", user("why"), assistant({"type": "text", "text": "a blue whale"})
    )
    result = run(tmp_path, "blue")
    assert result.exit_code == 0
    assert "abcdef12" in result.stdout
    assert "app  About abcdef12-3" in result.stdout
    assert "assistant:2  a blue whale" in result.stdout


def test_all_words_are_needed(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("blue whale"))
    archive(tmp_path, "two", user("blue sky"))
    assert found(tmp_path, "blue", "whale") == ["one"]


def test_subagents_are_found_and_named(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("start"))
    archive(tmp_path, "one", user("whale"), name="agent-1.jsonl", kind="agent")
    assert "subagent user:1  whale" in run(tmp_path, "whale").stdout


@pytest.mark.parametrize("project", ["/work/app", "/work/app/", "/work", "app"])
def test_a_project_is_a_path_or_a_name(tmp_path: Path, project: str) -> None:
    archive(tmp_path, "one", user("whale"), cwd="/work/app")
    archive(tmp_path, "two", user("whale"), cwd="/other/application")
    assert found(tmp_path, "whale", "--project", project) == ["one"]


def test_old_sessions_are_left_out_if_asked(tmp_path: Path) -> None:
    archive(tmp_path, "old", user("whale"), at=datetime(2026, 1, 1, tzinfo=UTC))
    archive(tmp_path, "new", user("whale"), at=datetime(2026, 3, 9, tzinfo=UTC))
    assert found(tmp_path, "whale", "--since", "2026-02-01") == ["new"]


def test_what_was_archived_since_the_last_search_is_found(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("whale"))
    assert found(tmp_path, "whale") == ["one"]
    archive(tmp_path, "two", user("whale"))
    assert sorted(found(tmp_path, "whale")) == ["one", "two"]


def test_at_most_so_many_sessions_are_shown(tmp_path: Path) -> None:
    for number in range(4):
        archive(tmp_path, f"s{number}", user("whale"))
    assert len(found(tmp_path, "whale", "-n", "3")) == 3


def test_the_same_text_is_shown_once(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("whale"), user("whale"), user("a whale"))
    output = run(tmp_path, "whale").stdout
    assert output.count(":1  whale") + output.count(":2  whale") == 1
    assert "… and 1 more" in output


def test_nothing_found_is_said_and_is_a_failure(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("whale"))
    result = run(tmp_path, "shark")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nothing was found." in result.stderr


def test_a_query_without_a_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="no word"):
        run(tmp_path, "+++")


def test_without_a_store_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="nothing was archived there yet; `confab status`"):
        run(tmp_path, "whale")


def test_hostile_text_does_not_steer_the_terminal(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("whale \x1b]0;owned\x07 \u202e"), cwd="/work/\x1b[2J")
    assert "\x1b" not in run(tmp_path, "whale").stdout
