"""`confab session` lists what is stored of a session and takes it out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli.context import Context
from confab_sync.cli.session import group
from confab_sync.errors import AmbiguousSession, ConfabError, RegistryError, SessionNotFound
from confab_sync.paths import Paths
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo, SideFile

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG = "subagents/workflows/wf_" + "x" * 120 + "/journal.jsonl"


def context(home: Path) -> Context:
    environ = {"CONFAB_HOME": str(home)}
    return Context(environ=environ, paths=Paths(environ), clock=lambda: NOW)


def fill(home: Path, external_id: str = "abc-1", *, files: bool = True) -> str:
    with Store.open(context(home).paths.store, clock=lambda: NOW) as store:
        session_id = store.open_session(SessionInfo("claude-code", external_id, "/t")).session_id
        if files:
            main = Chunk("abc-1.jsonl", "transcript", 1, 2, b"1\n\xff2\n", 5)
            store.append(session_id, main)
            store.append(session_id, Chunk(LONG, "workflow_journal", 1, 1, b"{}", 2, True))
            store.put_side_file(session_id, SideFile("tool-results/\x1b.txt", b"side", 1))
    return session_id


def run(home: Path, *arguments: str) -> str:
    runner = CliRunner()
    result = runner.invoke(group, arguments, obj=context(home), standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output


def test_files_are_listed_whole_when_there_is_no_terminal(tmp_path: Path) -> None:
    fill(tmp_path)
    lines = [line.split() for line in run(tmp_path, "list-files", "abc").splitlines()]
    assert lines == [
        ["file", "type", "lines", "bytes"],
        [LONG, "workflow_journal", "1", "2"],
        ["abc-1.jsonl", "transcript", "2", "5"],
        ["tool-results/\\x1b.txt", "side", "file", "4"],
    ]


def test_files_are_listed_as_json(tmp_path: Path) -> None:
    session_id = fill(tmp_path)
    listed = json.loads(run(tmp_path, "list-files", session_id[:8], "--json"))
    assert (listed["session_id"], listed["external_id"]) == (session_id, "abc-1")
    assert listed["files"][1] == {
        "name": "abc-1.jsonl",
        "type": "transcript",
        "lines": 2,
        "bytes": 5,
        "generation": 1,
        "updated_at": "2026-03-01T00:00:00+00:00",
    }
    assert listed["side_files"] == [
        {"name": "tool-results/\x1b.txt", "bytes": 4, "updated_at": "2026-03-01T00:00:00+00:00"}
    ]


@pytest.mark.parametrize("command", ["list-files", "download"])
def test_session_without_files_is_told(tmp_path: Path, command: str) -> None:
    fill(tmp_path, files=False)
    assert run(tmp_path, command, "abc") == "Session abc-1 has no files yet.\n"


def test_download_writes_the_layout_and_a_line_for_each_file(tmp_path: Path) -> None:
    fill(tmp_path)
    out = tmp_path / "out"
    output = run(tmp_path, "download", "abc", "--output-dir", str(out))
    assert output.splitlines() == [
        f"{out}/abc-1/{LONG}  2 bytes",
        f"{out}/abc-1.jsonl  5 bytes",
        f"{out}/abc-1/tool-results/\\x1b.txt  4 bytes",
    ]
    assert (out / "abc-1.jsonl").read_bytes() == b"1\n\xff2\n"
    assert (out / "abc-1" / LONG).read_bytes() == b"{}"
    assert (out / "abc-1" / "tool-results" / "\x1b.txt").read_bytes() == b"side"
    again = run(tmp_path, "download", "abc", "--output-dir", str(out))
    assert again.count("(was there already)") == 3


def test_download_of_one_file_as_json(tmp_path: Path) -> None:
    fill(tmp_path)
    out = str(tmp_path / "out")
    arguments = ["abc", "--output-dir", out, "--file", "abc-1.jsonl", "--json"]
    assert json.loads(run(tmp_path, "download", *arguments))["files"] == [
        {"name": "abc-1.jsonl", "path": f"{out}/abc-1.jsonl", "bytes": 5, "written": True}
    ]


def test_download_writes_into_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run(tmp_path, "download", "abc", "--file", "abc-1.jsonl")
    assert (tmp_path / "here" / "abc-1.jsonl").read_bytes() == b"1\n\xff2\n"


def test_download_refuses_to_overwrite(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "abc-1.jsonl").write_bytes(b"mine")
    with pytest.raises(ConfabError, match="exists and is different") as caught:
        run(tmp_path, "download", "abc", "--output-dir", str(tmp_path))
    assert caught.value.exit_status == 1
    assert (tmp_path / "abc-1.jsonl").read_bytes() == b"mine"


@pytest.mark.parametrize("command", ["list-files", "download"])
def test_id_has_to_name_one_session(tmp_path: Path, command: str) -> None:
    with pytest.raises(SessionNotFound, match="no session starts with"):
        run(tmp_path, command, "abc")
    fill(tmp_path, "abc-1")
    fill(tmp_path, "abc-2", files=False)
    with pytest.raises(AmbiguousSession, match="abc-"):
        run(tmp_path, command, "abc")
    with pytest.raises(SessionNotFound):
        run(tmp_path, command, "zzz")


@pytest.mark.parametrize("command", ["list-files", "download"])
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    assert f"Example: confab session {command}" in run(tmp_path, command, "--help")


def test_a_damaged_registry_hides_nothing_that_is_in_the_store(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "registry.db").write_bytes(b"this is no database" * 100)
    run(tmp_path, "download", "abc", "--output-dir", str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "abc-1.jsonl").read_bytes() == b"1\n\xff2\n"
    with pytest.raises(RegistryError, match="damaged"):
        run(tmp_path, "list-files", "zzz")


def test_a_summary_for_models_is_printed(tmp_path: Path) -> None:
    fill(tmp_path)
    assert run(tmp_path, "get-summary", "abc") == "<transcript>\n</transcript>\n"
