"""Stored names become paths of Claude Code's layout, and nothing else."""

from __future__ import annotations

import pytest

from confab_sync.errors import ConfabError
from confab_sync.store.layout import check_apart, file_paths, side_file_paths
from confab_sync.store.source import SourceFile, SourceSideFile


def stored(name: str, file_type: str) -> SourceFile:
    return SourceFile(name, file_type, 1, 1, 1, "")


def side(name: str) -> SourceSideFile:
    return SourceSideFile(name, 1, "")


@pytest.mark.parametrize(
    ("name", "file_type", "path"),
    [
        ("abc.jsonl", "transcript", "abc.jsonl"),
        ("other.jsonl", "transcript", "abc.jsonl"),
        ("agent-1.jsonl", "agent", "abc/subagents/agent-1.jsonl"),
        ("agent-1.txt", "agent", "abc/agent-1.txt"),
        (
            "subagents/workflows/wf_1/agent-1.jsonl",
            "agent",
            "abc/subagents/workflows/wf_1/agent-1.jsonl",
        ),
        (
            "subagents/workflows/wf_1/journal.jsonl",
            "workflow_journal",
            "abc/subagents/workflows/wf_1/journal.jsonl",
        ),
        ("agent-1.jsonl", "something new", "abc/agent-1.jsonl"),
    ],
)
def test_each_kind_of_file_has_its_place(name: str, file_type: str, path: str) -> None:
    assert file_paths("abc", [stored(name, file_type)]) == {name: path}


def test_only_one_transcript_lies_at_the_top() -> None:
    files = [stored("a.jsonl", "transcript"), stored("abc.jsonl", "transcript")]
    assert file_paths("abc", files) == {"a.jsonl": "abc/a.jsonl", "abc.jsonl": "abc.jsonl"}


def test_side_files_lie_in_the_directory_of_the_session() -> None:
    assert side_file_paths("abc", [side("tool-results/x.txt")]) == {
        "tool-results/x.txt": "abc/tool-results/x.txt"
    }


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", "a\0b"])
def test_unclean_name_never_becomes_a_path(name: str) -> None:
    with pytest.raises(ConfabError):
        file_paths("abc", [stored(name, "agent")])
    with pytest.raises(ConfabError):
        side_file_paths("abc", [side(name)])


@pytest.mark.parametrize("external_id", ["..", "a/b", "/a", ".git", "a b", "", "ü", "a\n"])
def test_odd_session_id_never_becomes_a_path(external_id: str) -> None:
    with pytest.raises(ConfabError, match="session id"):
        file_paths(external_id, [])
    with pytest.raises(ConfabError, match="session id"):
        side_file_paths(external_id, [])


def test_paths_that_do_not_meet_are_fine() -> None:
    check_apart(["abc.jsonl", "abc/a", "abc/ab/c", "abc/a.b"])


@pytest.mark.parametrize("paths", [["a/b", "a/b"], ["a/b", "a/b/c"], ["a/b/c/d", "a/b"]])
def test_paths_that_meet_are_refused(paths: list[str]) -> None:
    with pytest.raises(ConfabError, match="--file"):
        check_apart(paths)
