"""`confab show` lets a person read what was said, and a script have it as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli.show import command
from confab_sync.errors import AmbiguousSession, ConfabError, SessionNotFound
from confab_sync.presence import marker
from tests.claude.test_conversation import assistant, line, user
from tests.cli.test_search import archive, context

if TYPE_CHECKING:
    from pathlib import Path

BASH = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "total 0"}


def run(home: Path, *arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, obj=context(home), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_session_that_is_only_on_disk_is_told_with_what_archives_it(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "projects" / "-p" / "abc-1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(user("go") + b"\n")
    with pytest.raises(
        ConfabError, match=r"abc-1 is on disk, but not archived .* `confab save abc`"
    ):
        run(tmp_path, "abc")
    path.with_name("abc-2.jsonl").write_bytes(user("go") + b"\n")
    with pytest.raises(AmbiguousSession):
        run(tmp_path, "abc")


def test_a_session_that_was_forgotten_is_not_offered_to_be_saved(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "projects" / "-p" / "abc-1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(user("go") + b"\n")
    marker.put(context(tmp_path).paths.session("abc-1").off, marker.FORGOTTEN)
    with pytest.raises(ConfabError, match=r"abc-1 .* is not copied: forgotten by the user$"):
        run(tmp_path, "abc")


def test_a_conversation_is_shown_under_its_title(tmp_path: Path) -> None:
    archive(
        tmp_path,
        "abc-1",
        user("Fix the\nlogin", cwd="/work/app", gitBranch="main"),
        assistant({"type": "text", "text": "Done."}, BASH),
        user([RESULT]),
    )
    assert run(tmp_path, "abc").splitlines() == [
        "# Fix the login",
        "",
        "Session abc-1 in `/work/app` on `main`",
        "",
        "## You",
        "",
        "Fix the",
        "login",
        "",
        "## Claude · opus",
        "",
        "Done.",
        "",
        "- **Bash** `ls`",
    ]


def test_tools_are_unfolded_on_request(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", user("go"), assistant(BASH), user([RESULT]))
    assert "```\ntotal 0\n```" in run(tmp_path, "abc", "--tools")


def test_subagents_are_shown_where_they_were_called_and_others_at_the_end(tmp_path: Path) -> None:
    result = user([RESULT], toolUseResult={"agentId": "a1"})
    archive(tmp_path, "abc-1", user("go"), result, assistant({"type": "text", "text": "Last."}))
    for agent in ("a1", "b2"):
        name = f"agent-{agent}.jsonl"
        archive(tmp_path, "abc-1", user(f"I am {agent}"), name=name, kind="agent")
    shown = run(tmp_path, "abc", "--subagents")
    order = ["### Subagent a1", "I am a1", "Last.", "## Subagent b2", "I am b2"]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    assert "I am" not in run(tmp_path, "abc")


def test_all_of_it_is_there_as_json(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", b"{torn", user("go", timestamp="2026-03-01T12:00:00Z"))
    archive(tmp_path, "abc-1", user("I"), name="agent-a1.jsonl", kind="agent")
    told = json.loads(run(tmp_path, "abc", "--json", "--subagents"))
    assert told["entries"] == [
        {
            "line": 2,
            "role": "user",
            "timestamp": "2026-03-01T12:00:00+00:00",
            "model": None,
            "hidden": False,
            "blocks": [{"type": "text", "text": "go"}],
        }
    ]
    assert list(told["subagents"]) == ["a1"]


def test_a_session_without_words_has_a_heading_still(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", line(type="mode"))
    assert run(tmp_path, "abc") == "# abc-1\n\nSession abc-1\n"


def test_unknown_and_ambiguous_ids_are_refused(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", user("go"))
    archive(tmp_path, "abc-2", user("go"))
    with pytest.raises(SessionNotFound):
        run(tmp_path, "x")
    with pytest.raises(AmbiguousSession, match=r"abc-\d, abc-\d"):
        run(tmp_path, "abc")


def test_following_shows_what_is_there_and_what_comes(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", user("first"))
    environ = {**os.environ, "CONFAB_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    arguments = [sys.executable, "-m", "confab_sync", "show", "abc", "--follow"]
    with subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, text=True) as shown:
        guard = threading.Timer(60, shown.kill)
        guard.start()
        assert shown.stdout is not None
        assert any(text.strip() == "first" for text in shown.stdout)
        archive(tmp_path, "abc-1", user("second"), first_line=2)
        assert any(text.strip() == "second" for text in shown.stdout)
        guard.cancel()
        shown.terminate()
