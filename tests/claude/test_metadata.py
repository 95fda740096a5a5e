"""What lines say of their session; the contract's own cases are in tests/contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.metadata import chunk_metadata, clean, working_directory
from confab_sync.metadata import ChunkMetadata


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def described(*rows: object) -> ChunkMetadata:
    return chunk_metadata("transcript", lines(*rows))


@given(st.binary(max_size=200))
def test_any_bytes_can_be_asked(data: bytes) -> None:
    marked = data.replace(b"x", b'"user""summary""timestamp""gitBranch"{')
    assert isinstance(chunk_metadata("transcript", marked), ChunkMetadata)


@pytest.mark.parametrize(
    "row",
    [
        "user",
        ["user"],
        {"type": "user"},
        {"type": "user", "message": "text"},
        {"type": "user", "message": {"content": [None, 1, {"type": "text"}, "text"]}},
        {"type": "summary", "summary": {"a": 1}},
        {"type": "summary", "summary": None, "leafUuid": 3},
        {"gitBranch": 5, "timestamp": 17},
        {"gitBranch": "HEAD", "timestamp": "yesterday"},
        {"snapshot": {"gitBranch": "x", "timestamp": "2026-01-01T00:00:00Z", "type": "user"}},
    ],
)
def test_rows_of_other_shapes_say_nothing(row: object) -> None:
    assert described(row) == ChunkMetadata()


def test_other_kinds_of_files_say_nothing() -> None:
    row = {"type": "user", "message": {"content": "hello"}, "gitBranch": "main"}
    assert chunk_metadata("agent", lines(row)) == ChunkMetadata()


def test_times_are_the_newest_and_the_oldest_even_out_of_order() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [at + timedelta(minutes=minutes) for minutes in (5, 3, 9, 7)]
    found = described(*({"timestamp": moment.isoformat()} for moment in moments))
    assert (found.created_at, found.latest_message_at) == (moments[1], moments[2])


def test_time_without_a_zone_is_no_time() -> None:
    assert described({"timestamp": "2026-01-01T00:00:00"}).latest_message_at is None


def test_branch_is_that_of_the_newest_line_that_names_one() -> None:
    rows = ({"gitBranch": "old"}, {"gitBranch": "new"}, {"gitBranch": ""}, {"type": "mode"})
    assert described(*rows).git_info == {"branch": "new"}


def test_directory_is_the_first_that_is_named() -> None:
    data = lines({"type": "mode"}, {"cwd": ""}, {"cwd": "/a"}, {"cwd": "/b"})
    assert working_directory(data) == "/a"
    assert working_directory(b'\n{\n{"cwd": 3}') == ""


@given(st.text(max_size=50))
def test_cleaned_text_has_no_blank_twice(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == " ".join(cleaned.split())


def answer(model: str = "claude-x", **usage: object) -> dict[str, object]:
    return {"type": "assistant", "message": {"model": model, "usage": usage}}


def test_context_is_what_was_before_the_model_at_its_last_answer() -> None:
    first = answer(input_tokens=10, cache_read_input_tokens=50_000, output_tokens=9)
    last = answer(input_tokens=5, cache_creation_input_tokens=60_000)
    found = described(first, last, {"type": "user"}, answer(input_tokens=0))
    assert (found.context_used, found.context_size) == (60_005, 200_000)
    assert described({**first, "isSidechain": True}).context_used is None
    assert described(answer(input_tokens="many")).context_used is None


def test_context_is_larger_for_models_that_say_so() -> None:
    assert described(answer("claude-x[1m]", input_tokens=5)).context_size == 1_000_000
    assert described(answer(input_tokens=200_001)).context_size == 1_000_000
