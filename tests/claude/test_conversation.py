"""A transcript's lines become who said what, and nothing in them can stop that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.conversation import (
    Attachment,
    Entry,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
    called_agents,
    entries,
)


def line(**row: object) -> bytes:
    return json.dumps(row).encode()


def user(content: object, **row: object) -> bytes:
    return line(type="user", message={"role": "user", "content": content}, **row)


def assistant(*content: dict[str, Any], **message: object) -> bytes:
    said = {"id": "m1", "role": "assistant", "model": "opus", "content": list(content)}
    return line(type="assistant", message={**said, **message})


def only(data: bytes) -> Entry:
    (entry,) = entries([data])
    return entry


def test_what_a_person_typed() -> None:
    stamp = "2026-03-01T12:00:00.000Z"
    entry = only(user("hello", timestamp=stamp))
    assert (entry.role, entry.blocks, entry.hidden) == ("user", (Text("hello"),), False)
    assert entry.moment == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_lines_are_numbered_as_in_the_file() -> None:
    lines = [b"{torn", user("a"), line(type="mode"), user("b")]
    assert [entry.line for entry in entries(lines, first_line=11)] == [12, 14]


def test_an_answer_with_all_it_can_hold() -> None:
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 4,
    }
    entry = only(
        assistant(
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "text", "text": "done"},
            {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "ls"}},
            usage=usage,
        )
    )
    assert entry.role == "assistant"
    assert entry.blocks == (Thinking("hm"), Text("done"), ToolCall("t", "Bash", {"command": "ls"}))
    assert (entry.model, entry.message_id, entry.usage) == ("opus", "m1", Usage(1, 2, 30, 4))
    assert entry.usage is not None
    assert entry.usage.context == 35


def test_results_of_tools_with_text_pictures_and_errors() -> None:
    blocks = [
        {"type": "tool_result", "tool_use_id": "a", "content": "out"},
        {
            "type": "tool_result",
            "tool_use_id": "b",
            "content": [{"type": "text", "text": "x"}, {"type": "image"}],
            "is_error": True,
        },
    ]
    entry = only(user(blocks, toolUseResult={"agentId": "a1"}))
    assert entry.role == "tool"
    assert entry.blocks == (
        ToolResult("a", "out", agent_id="a1"),
        ToolResult("b", "x\n[image]", is_error=True, agent_id="a1"),
    )


def test_pictures_and_subagents_of_results_are_told() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "abcd"}
    content = [{"type": "image", "source": source}, {"type": "image", "source": "odd"}, 3]
    blocks = [{"type": "tool_result", "tool_use_id": "a", "content": content}]
    entry = only(user(blocks, toolUseResult={"agentId": "a1"}))
    (result,) = entry.blocks
    assert isinstance(result, ToolResult)
    assert result.attachments == (Attachment("image/png", 4),)
    assert list(called_agents(entry)) == ["a1"]
    assert list(called_agents(only(user(blocks)))) == []


def test_a_pasted_picture_is_not_hidden() -> None:
    picture = {"type": "image", "source": {"media_type": "image/png", "data": "AAAA"}}
    entry = only(user([picture]))
    assert (entry.blocks, entry.hidden) == ((Attachment("image/png", 4),), False)


@pytest.mark.parametrize(
    "data",
    [
        user("<command-name>/clear</command-name>"),
        user("<system-reminder>be good</system-reminder>"),
        user("Caveat", isMeta=True),
        line(type="system", content="Conversation compacted"),
    ],
)
def test_what_nobody_typed_is_hidden(data: bytes) -> None:
    assert only(data).hidden


def test_summaries_of_both_kinds() -> None:
    assert only(line(type="summary", summary="A title")).role == "summary"
    assert only(user("This session continues …", isCompactSummary=True)).role == "summary"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b'"user"',
        b'["user"]',
        b'{"type": "user"',
        line(type="user"),
        line(type="user", message="user"),
        user(None),
        user([]),
        user(["user", 1, None, {"type": "unheard-of"}]),
        user("  "),
        line(type="summary", summary=7),
        line(type="file-history-snapshot", note="user"),
        b'{"type": "user", "message": {"role": "user", "content": ' + b"[" * 100_000,
    ],
)
def test_what_is_not_conversation_is_passed_over(data: bytes) -> None:
    assert list(entries([data])) == []


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    data = user("caf@").replace(b"@", b"\xe9")
    assert only(data).blocks == (Text("caf\ufffd"),)


NAMES = (
    *("type", "message", "content", "text", "thinking", "id", "name", "input", "is_error"),
    *("tool_use_id", "source", "usage", "input_tokens", "timestamp", "model", "summary"),
    *("toolUseResult", "agentId", "isMeta"),
)
KEYS = st.sampled_from(NAMES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
TYPES = st.sampled_from(["user", "assistant", "system", "summary"])
BLOCKS = st.sampled_from(["text", "thinking", "tool_use", "tool_result", "image"])


@given(kind=TYPES, block=BLOCKS, rest=st.dictionaries(KEYS, JSON), inner=JSON)
def test_nothing_in_a_line_stops_the_reading(
    kind: str, block: str, rest: dict[str, Any], inner: object
) -> None:
    content = [{**rest, "type": block, "content": inner}]
    list(entries([line(**{**rest, "type": kind, "message": {**rest, "content": content}})]))


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moment_that_no_other_time_zone_can_tell_is_none(stamp: str) -> None:
    assert only(user("hello", timestamp=stamp)).moment is None


def test_counts_that_cannot_be_are_none() -> None:
    told = only(assistant({"type": "text", "text": "a"}, usage={"input_tokens": 10**400}))
    assert told.usage == Usage()
