"""`confab export` writes sessions for others, can be repeated, and runs nothing of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from confab_sync.cli.export import command
from tests.claude.test_conversation import assistant, user
from tests.cli.test_search import archive, context

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

BASH = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}}


def run(home: Path, *arguments: str) -> Result:
    target = str(home / "out")
    return CliRunner().invoke(
        command, [*arguments, target], obj=context(home), catch_exceptions=False
    )


def test_the_files_are_written_as_they_are_archived(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", user("go"))
    assert run(tmp_path, "abc").exit_code == 0
    written = tmp_path / "out" / "abc-1" / "abc-1.jsonl"
    assert written.read_bytes() == user("go") + b"\n"


def test_what_was_written_is_told_as_json(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", user("go"))
    for written in (True, False):
        told = json.loads(run(tmp_path, "abc", "--json").stdout)["sessions"]
        assert told == [
            {"id": "abc-1", "path": str(tmp_path / "out" / "abc-1"), "written": written}
        ]


def test_a_session_becomes_a_markdown_document(tmp_path: Path) -> None:
    archive(tmp_path, "abc-1", user("go"), assistant({"type": "text", "text": "Done."}, BASH))
    run(tmp_path, "abc", "--format", "markdown")
    assert (tmp_path / "out" / "abc-1.md").read_text().splitlines()[0] == "# go"
    assert "- **Bash** `ls`" in (tmp_path / "out" / "abc-1.md").read_text()


def test_all_sessions_are_written_and_repeating_changes_nothing(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("go"))
    archive(tmp_path, "two", user("go"))
    run(tmp_path, "--all", "--format", "html")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one.html", "two.html"]
    again = run(tmp_path, "--all", "--format", "html")
    assert again.stdout.count("(was there already)") == 2


def test_one_that_cannot_be_written_does_not_keep_the_others(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("go"))
    archive(tmp_path, "two", user("go"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "one.md").write_text("mine")
    result = run(tmp_path, "one", "two", "nowhere", "--format", "markdown")
    assert result.exit_code == 1
    assert "one.md exists and is different; --force replaces it" in result.stderr
    assert "nowhere: no session starts with" in result.stderr
    assert (tmp_path / "out" / "one.md").read_text() == "mine"
    assert (tmp_path / "out" / "two.md").exists()


def test_force_replaces_a_document(tmp_path: Path) -> None:
    archive(tmp_path, "one", user("go"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "one.md").write_text("old")
    assert run(tmp_path, "one", "--format", "markdown", "--force").exit_code == 0
    assert (tmp_path / "out" / "one.md").read_text().startswith("# go")


def test_hostile_text_stays_text_in_a_page(tmp_path: Path) -> None:
    hostile = (
        "<script>alert(1)</script> <img src=http://evil/x onerror=alert(1)>"
        " ![x](http://evil/y) [link](javascript:alert(1)) </main>"
    )
    archive(tmp_path, "abc", user(hostile), cwd="/work")
    run(tmp_path, "abc", "--format", "html")
    page = (tmp_path / "out" / "abc.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert page.count("</main>") == 1
    assert "default-src 'none'" in page


@pytest.mark.parametrize("arguments", [[], ["abc", "--all"]])
def test_sessions_are_named_or_all_are_meant(tmp_path: Path, arguments: list[str]) -> None:
    result = run(tmp_path, *arguments)
    assert result.exit_code == click.UsageError.exit_code
    assert "name the sessions, or --all" in result.stderr


def test_all_of_nothing_is_said(tmp_path: Path) -> None:
    assert run(tmp_path, "--all").stderr == "No session is archived yet.\n"
