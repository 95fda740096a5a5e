from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.layout import agent_id, classify, fingerprint, locate, session_files
from tests.permissions import out_of_reach

TRANSCRIPT = "/h/.claude/projects/p/s.jsonl"


def a_session(root: Path, *names: str) -> str:
    """A transcript, and files below its session's directory."""
    transcript = root / "projects" / "p" / "s.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_text("{}\n")
    for name in names:
        path = transcript.with_suffix("") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return str(transcript)


def names(transcript: str) -> list[str]:
    return [seen.name for seen in session_files(transcript)]


def mark(transcript: str) -> int:
    return fingerprint(session_files(transcript))


def test_every_kind_of_file_is_found_the_transcript_first(tmp_path: Path) -> None:
    transcript = a_session(
        tmp_path,
        "subagents/agent-a1.jsonl",
        "subagents/agent-a1.meta.json",
        "subagents/workflows/wf_1/agent-b2.jsonl",
        "subagents/workflows/wf_1/agent-b2.meta.json",
        "subagents/workflows/wf_1/journal.jsonl",
        "tool-results/t1.txt",
        "workflows/scripts/x-wf_1.js",
        "workflows/wf_1.json",
    )
    assert [(seen.name, seen.kind) for seen in session_files(transcript)] == [
        ("s.jsonl", "transcript"),
        ("agent-a1.jsonl", "agent"),
        ("subagents/agent-a1.meta.json", "side"),
        ("subagents/workflows/wf_1/agent-b2.jsonl", "agent"),
        ("subagents/workflows/wf_1/agent-b2.meta.json", "side"),
        ("subagents/workflows/wf_1/journal.jsonl", "workflow_journal"),
        ("tool-results/t1.txt", "side"),
        ("workflows/scripts/x-wf_1.js", "side"),
        ("workflows/wf_1.json", "side"),
    ]


def test_a_sighting_is_what_the_file_system_says(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    (seen,) = session_files(transcript)
    status = os.stat(transcript)
    assert seen.path == transcript
    assert seen.signature == (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def test_before_the_first_prompt_there_is_nothing(tmp_path: Path) -> None:
    assert names(f"{tmp_path}/projects/p/s.jsonl") == []
    assert mark(f"{tmp_path}/projects/p/s.jsonl") == 0


def test_subagents_are_found_also_while_the_transcript_is_missing(tmp_path: Path) -> None:
    transcript = a_session(tmp_path, "subagents/agent-a1.jsonl")
    os.unlink(transcript)
    assert names(transcript) == ["agent-a1.jsonl"]


def test_what_may_not_be_looked_at_is_not_taken_for_absent(tmp_path: Path) -> None:
    transcript = a_session(tmp_path, "subagents/agent-a1.jsonl")
    before = mark(transcript)
    with out_of_reach(tmp_path / "projects" / "p"):
        seen = list(session_files(transcript))
    assert [(each.name, each.kind) for each in seen] == [("s.jsonl", "transcript"), ("s", "side")]
    assert {each.trouble.errno for each in seen if each.trouble} == {errno.EACCES}
    assert fingerprint(seen) not in (0, before)
    assert {each.trouble for each in session_files(transcript)} == {None}


def test_temporary_files_are_passed_over(tmp_path: Path) -> None:
    transcript = a_session(
        tmp_path,
        "subagents/agent-a.meta.json.tmp.1f2e",
        "subagents/agent-a.meta.json",
        "subagents/.nfs00000000000c2b0a0000002f",
        "subagents/.fuse_hidden0000000300000001",
    )
    assert names(transcript) == ["s.jsonl", "subagents/agent-a.meta.json"]


def test_links_and_what_is_no_file_are_passed_over(tmp_path: Path) -> None:
    transcript = a_session(tmp_path, "tool-results/real.txt")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    inside = Path(transcript).with_suffix("") / "tool-results"
    (inside / "link.txt").symlink_to(outside / "secret.txt")
    (inside / "linked").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe")
    assert names(transcript) == ["s.jsonl", "tool-results/real.txt"]


def test_a_session_directory_that_is_a_link_is_passed_over(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    Path(transcript).with_suffix("").symlink_to(outside)
    assert names(transcript) == ["s.jsonl"]


def test_a_transcript_that_is_a_link_or_a_directory_is_passed_over(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    os.rename(transcript, f"{tmp_path}/elsewhere")
    os.symlink(f"{tmp_path}/elsewhere", transcript)
    assert names(transcript) == []
    os.unlink(transcript)
    os.mkdir(transcript)
    assert names(transcript) == []


@pytest.mark.parametrize("odd", ["", "a\0b.jsonl", "\ud800.jsonl", "/" + "x" * 5000])
def test_what_no_file_can_be_called_is_no_file(odd: str) -> None:
    assert names(odd) == []
    assert locate(odd) is None


def test_a_name_that_is_not_utf_8_is_written_out_and_can_be_stored(tmp_path: Path) -> None:
    transcript = a_session(tmp_path, "tool-results/plain.txt")
    directory = os.fsencode(transcript.removesuffix(".jsonl") + "/tool-results")
    try:
        with open(directory + b"/\xff.txt", "w"):
            pass
    except OSError:  # macOS has no such names
        return
    odd = list(session_files(transcript))[-1]
    assert odd.name == "tool-results/\\udcff.txt"
    assert os.path.exists(odd.path)


SEGMENT = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8)
KNOWN = st.sampled_from(
    ["subagents", "workflows", "wf_1", "agent-a.jsonl", "journal.jsonl", "agent-a.meta.json"]
)
RELATIVE = st.lists(KNOWN | SEGMENT, min_size=1, max_size=5).map("/".join)


@given(RELATIVE, RELATIVE)
def test_two_files_never_share_name_and_kind(one: str, other: str) -> None:
    assert (classify(one) == classify(other)) == (one == other)


@pytest.mark.parametrize(
    ("relative", "kind"),
    [
        ("subagents/agent-abc123.jsonl", "agent"),
        ("subagents/other.jsonl", "side"),
        ("agent-abc123.jsonl", "side"),
        ("x/agent-abc123.jsonl", "side"),
        ("subagents/x/agent-abc123.jsonl", "side"),
        ("subagents/x/wf/agent-abc123.jsonl", "side"),
        ("subagents/workflows/wf/deep/agent-abc123.jsonl", "side"),
        ("subagents/workflows/wf/journal.jsonl", "workflow_journal"),
        ("subagents/workflows/wf/notes.jsonl", "side"),
        ("subagents/journal.jsonl", "side"),
    ],
)
def test_a_file_grows_line_by_line_only_where_claude_code_puts_such(
    relative: str, kind: str
) -> None:
    assert classify(relative)[1] == kind


def test_the_fingerprint_changes_with_every_change_of_any_file(tmp_path: Path) -> None:
    transcript = a_session(tmp_path, "subagents/agent-a.jsonl")
    agent = Path(transcript).with_suffix("") / "subagents" / "agent-a.jsonl"
    seen = [mark(transcript)]
    assert mark(transcript) == seen[0]

    def changed() -> bool:
        seen.append(mark(transcript))
        return seen[-1] not in seen[:-1]

    with open(transcript, "a") as stream:
        stream.write("{}\n")
    assert changed()
    os.utime(transcript, ns=(1, 1))
    assert changed()
    agent.write_text("longer than before")
    assert changed()
    agent.with_name("agent-b.jsonl").write_text("")
    assert changed()
    agent.rename(agent.with_name("agent-c.jsonl"))
    assert changed()
    replaced = Path(f"{transcript}.new")
    replaced.write_text("{}\n{}\n")
    os.utime(replaced, ns=(1, 1))
    replaced.rename(transcript)
    assert changed()
    os.unlink(transcript)
    assert changed()
    assert 0 not in seen


def test_a_transcript_is_where_it_is(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    assert locate(transcript) == transcript


def test_a_moved_transcript_is_found_beside_its_old_project(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    (tmp_path / "projects" / "other").mkdir()
    new = f"{tmp_path}/projects/q/s.jsonl"
    os.mkdir(os.path.dirname(new))
    os.rename(transcript, new)
    assert locate(transcript) == new


def test_of_several_the_transcript_is_the_one_that_was_written_last(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    for number, project in enumerate(["b", "d", "a", "c"]):
        copy = tmp_path / "projects" / project / "s.jsonl"
        copy.parent.mkdir()
        copy.write_text("{}\n")
        os.utime(copy, ns=(0, 9 if project == "d" else number))
    os.unlink(transcript)
    assert locate(transcript) == f"{tmp_path}/projects/d/s.jsonl"


def test_what_only_looks_like_the_transcript_is_not_followed(tmp_path: Path) -> None:
    transcript = a_session(tmp_path)
    os.unlink(transcript)
    (tmp_path / "projects" / "dir" / "s.jsonl").mkdir(parents=True)
    (tmp_path / "projects" / "link").mkdir()
    (tmp_path / "projects" / "link" / "s.jsonl").symlink_to("/etc/passwd")
    assert locate(transcript) is None


def test_a_transcript_that_is_nowhere_is_nowhere(tmp_path: Path) -> None:
    assert locate(f"{tmp_path}/missing/p/s.jsonl") is None


@pytest.mark.parametrize(
    "name",
    ["agent-1a2b.jsonl", "subagents/agent-1a2b.jsonl", "subagents/workflows/w/agent-1a2b.jsonl"],
)
def test_subagent_is_told_by_its_transcripts_name(name: str) -> None:
    assert agent_id(name) == "1a2b"
