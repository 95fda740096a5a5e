"""A condensed transcript says who said what, and drops what is not whole (contract §2.9)."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.condensed import condense

COMMON = {
    "uuid": "u",
    "timestamp": "2026-01-01T00:00:00Z",
    "parentUuid": None,
    "isSidechain": False,
    "userType": "external",
    "cwd": "/",
    "sessionId": "s",
    "version": "1",
}


def user(content: object, **fields: object) -> dict[str, Any]:
    return {**COMMON, "type": "user", "message": {"role": "user", "content": content}, **fields}


def assistant(*content: dict[str, Any], **message: object) -> dict[str, Any]:
    whole = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": list(content),
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 2},
        **message,
    }
    return {**COMMON, "type": "assistant", "message": whole}


def data(*entries: object) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


BASH = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {}}
READ = {"type": "tool_use", "id": "t2", "name": "Read", "input": {}}
RESULTS = [
    {"type": "tool_result", "tool_use_id": "t1", "content": "x", "is_error": True},
    {"type": "tool_result", "tool_use_id": "t2", "content": "y"},
]


def test_turns_are_numbered_across_files() -> None:
    first = data(
        user("Fix <it>"),
        assistant({"type": "thinking", "thinking": "Hm."}, text("I do."), BASH, READ),
        user(RESULTS),
    )
    second = data(assistant(text("Done.")))
    assert condense([[first], [second]]) == (
        "<transcript>\n"
        '<user id="1">\nFix <it>\n</user>\n'
        '<assistant id="2">\n<thinking>Hm.</thinking>\nI do.\n'
        "<tools_called>Bash, Read</tools_called>\n</assistant>\n"
        '<tool_results id="3">\n  <result tool="Bash" status="error"/>\n'
        '  <result tool="Read" status="success"/>\n</tool_results>\n'
        '<assistant id="4">\nDone.\n</assistant>\n'
        "</transcript>"
    )


def test_skill_is_named() -> None:
    call = {"type": "tool_use", "id": "t3", "name": "Skill", "input": {"skill": "pdf"}}
    entries = data(assistant(call), user([text("How to")], sourceToolUseID="t3", isMeta=True))
    assert '<skill id="2" name="pdf">\nHow to\n</skill>' in condense([[entries]])


@pytest.mark.parametrize("missing", ["uuid", "parentUuid", "cwd", "version", "isSidechain"])
def test_user_line_that_is_not_whole_is_dropped(missing: str) -> None:
    entry = user("hello")
    del entry[missing]
    assert condense([[data(entry)]]) == "<transcript>\n</transcript>"


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"type": "x"}, {"model": 1}, {"content": "text"}, {"usage": {}}],
)
def test_answer_that_is_not_whole_is_dropped(change: dict[str, object]) -> None:
    entry = assistant(text("x"), **change)
    assert condense([[data(entry)]]) == "<transcript>\n</transcript>"


def test_other_lines_say_nothing() -> None:
    content = data({"type": "summary"}, [], 7, user([text("only text")]), assistant())
    assert condense([[content + b"not json\n\n\xff\n"]]) == "<transcript>\n</transcript>"


@given(st.integers(1, 400))
def test_beginning_is_left_out_up_to_an_element(limit: int) -> None:
    content = data(*(user(f"mëssage {number} " + "x" * 30) for number in range(5)))
    whole = condense([[content]])
    cut = condense([[content]], limit)
    if len(whole.encode()) <= limit:
        assert cut == whole
        return
    head, _, tail = cut.rpartition("<transcript>\n")
    assert whole.endswith(tail)
    assert len(tail.encode()) <= limit
    if head:
        size = len(tail.encode())
        total = len(whole.encode())
        expected = f"[Transcript truncated \u2014 showing last {size} of {total} characters]\n"
        assert head == expected
        assert tail.startswith("<user id=")


@given(st.lists(st.integers(0, 300), max_size=6))
def test_pieces_make_no_difference(cuts: list[int]) -> None:
    content = data(user("one"), assistant(text("two")), user("three"))
    edges = [0, *sorted(cuts), len(content)]
    pieces = [content[a:b] for a, b in itertools.pairwise(edges)]
    assert condense([pieces]) == condense([[content]])
