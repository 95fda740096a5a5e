from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude import payload
from confab_sync.claude.payload import checked_id, checked_transcript, parse, text_field
from confab_sync.errors import PayloadError

PROJECTS = "/nowhere/.claude/projects"
TRANSCRIPT = f"{PROJECTS}/-home-ada/0b1c.jsonl"


def content(**changes: object) -> bytes:
    fields = {
        "session_id": "0b1c",
        "transcript_path": TRANSCRIPT,
        "cwd": "/home/ada",
        "hook_event_name": "SessionEnd",
        "reason": "clear",
        **changes,
    }
    return json.dumps(fields).encode()


def projects() -> list[str]:
    return [PROJECTS]


def test_what_claude_code_sends_is_taken_as_it_is() -> None:
    taken = parse(content(), projects)
    assert taken.session_id == "0b1c"
    assert taken.transcript_path == TRANSCRIPT
    assert taken.cwd == "/home/ada"
    assert taken.event == "SessionEnd"
    assert taken.text("reason") == "clear"


def test_unknown_fields_are_no_trouble_and_optional_ones_may_be_missing() -> None:
    taken = parse(content(model="opus", context_tokens=7, new={"a": [1]}), projects)
    assert taken.text("model") == "opus"
    assert taken.text("context_tokens") == ""
    only = json.dumps({"session_id": "a", "transcript_path": TRANSCRIPT}).encode()
    assert (parse(only, projects).cwd, parse(only, projects).event) == ("", "")


@pytest.mark.parametrize(
    "sent",
    [
        *(b"", b" ", b"{", b"null", b"[]", b"7", b'"x"', b"{}{}", b"\xff", b"not json", b"\0"),
        b"[" * 100_000,
        b"{}",
    ],
)
def test_what_is_no_payload_is_refused(sent: bytes) -> None:
    with pytest.raises(PayloadError):
        parse(sent, projects)


def test_a_payload_of_one_mebibyte_is_taken_and_one_byte_more_refused() -> None:
    room = payload.LARGEST - len(content(prompt=""))
    assert len(content(prompt="x" * room)) == 1024 * 1024
    assert parse(content(prompt="x" * room), projects).session_id == "0b1c"
    with pytest.raises(PayloadError, match="1 MiB"):
        parse(content(prompt="x" * (room + 1)), projects)


@pytest.mark.parametrize("good", ["a", "A-1_z", "-", "_", "0b1c2d3e-1111-2222-3333-444444444444"])
def test_an_id_of_the_contracts_characters_is_taken(good: str) -> None:
    assert checked_id(good) == good


@pytest.mark.parametrize(
    "odd",
    [
        *("", ".", "..", "a/b", "../a", "a b", "a\n", "a\0", "é", "a.json", "~", "\uff41", "a;b"),
        *(None, 7, True, [], {}, ["a"], "a" * 201),
    ],
)
def test_an_odd_id_is_refused(odd: object) -> None:
    with pytest.raises(PayloadError, match="session_id"):
        parse(content(session_id=odd), projects)


@given(st.text(st.characters(exclude_categories=())))
def test_an_id_that_is_taken_can_be_a_file_name(text: str) -> None:
    try:
        taken = checked_id(text)
    except PayloadError:
        return
    assert os.path.basename(taken) == taken == text
    assert taken.isascii()
    assert taken not in {".", ".."}


@pytest.mark.parametrize(
    "odd",
    [
        *(None, 7, [], {}, "", "0b1c.jsonl", "./x.jsonl", "~/x.jsonl", "a\0b"),
        *(f"{PROJECTS}/p/a\0.jsonl", f"{PROJECTS}/p\0/a.jsonl"),
        *(f"{PROJECTS}/p/a.json", f"{PROJECTS}/p/.jsonl", f"{PROJECTS}/p/a.jsonl/", PROJECTS),
        *(f"{PROJECTS}/../x.jsonl", f"{PROJECTS}/p/../../x.jsonl", "/x.jsonl", "/etc/x.jsonl"),
        *(f"{PROJECTS}x/a.jsonl", f"{PROJECTS[:-1]}/a.jsonl", "/nowhere/.claude/x.jsonl"),
        *(f"{PROJECTS}/p/\ud800.jsonl", f"{PROJECTS}/\udfff/a.jsonl"),
    ],
)
def test_a_path_that_is_no_transcript_is_refused(odd: object) -> None:
    with pytest.raises(PayloadError, match="transcript_path"):
        parse(content(transcript_path=odd), projects)


def test_a_transcript_in_the_root_is_not_looked_for_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PayloadError):
        checked_transcript("/a.jsonl", [os.path.dirname(tmp_path)])


@pytest.mark.parametrize("spelling", ["/p/./a.jsonl", "//p/a.jsonl", "/q/../p/a.jsonl"])
def test_a_roundabout_path_is_straightened(spelling: str) -> None:
    assert checked_transcript(PROJECTS + spelling, [PROJECTS]) == f"{PROJECTS}/p/a.jsonl"


def test_any_of_several_projects_directories_will_do() -> None:
    roots = ["/elsewhere/projects", PROJECTS]
    assert checked_transcript(TRANSCRIPT, roots) == TRANSCRIPT
    with pytest.raises(PayloadError):
        checked_transcript(TRANSCRIPT, [])


def test_a_link_out_of_the_projects_directory_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "projects"
    inside.mkdir()
    (tmp_path / "outside").mkdir()
    (inside / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(PayloadError, match="not below"):
        checked_transcript(f"{inside}/link/a.jsonl", [os.path.realpath(inside)])


def test_a_link_into_the_projects_directory_is_resolved(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path)) / "data" / "projects"
    (real / "p").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "data")
    taken = checked_transcript(f"{tmp_path}/home/projects/p/a.jsonl", [str(real)])
    assert taken == f"{real}/p/a.jsonl"


def test_the_transcript_itself_is_named_not_followed_when_it_is_a_link(tmp_path: Path) -> None:
    project = Path(os.path.realpath(tmp_path)) / "projects" / "p"
    project.mkdir(parents=True)
    (project / "a.jsonl").symlink_to("/etc/passwd")
    assert checked_transcript(f"{project}/a.jsonl", [str(project.parent)]) == f"{project}/a.jsonl"


def test_the_projects_directories_are_looked_up_only_for_a_believable_id() -> None:
    def never() -> list[str]:
        pytest.fail("the id was refused already")

    with pytest.raises(PayloadError):
        parse(content(session_id="../x"), never)


@pytest.mark.parametrize("other", [None, 7, True, [], {}, ["x"]])
def test_a_field_that_is_no_text_is_empty(other: Any) -> None:
    assert text_field({"cwd": other}, "cwd") == ""
    assert text_field({}, "cwd") == ""


@given(st.text(st.characters(exclude_categories=())))
def test_a_field_can_always_be_stored_as_utf_8(text: str) -> None:
    stored = text_field({"cwd": text}, "cwd").encode("utf-8")
    assert len(stored.decode("utf-8")) == len(text)
    if text.isascii():
        assert stored == text.encode()


@given(st.binary(max_size=200) | st.from_regex(rb'\{"session_id": ?.{0,40}\}'))
def test_nothing_that_is_handed_over_breaks_the_check(sent: bytes) -> None:
    try:
        taken = parse(sent, projects)
    except PayloadError:
        return
    assert taken.transcript_path.startswith(PROJECTS + "/")
