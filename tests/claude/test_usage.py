"""What a session used is counted once, by quarter of an hour and model, in parts or whole."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.models import context_size, short_name
from confab_sync.claude.usage import Usage


def typed(day: str, text: str = "hello") -> bytes:
    row = {"type": "user", "timestamp": f"{day}T10:00:00Z", "message": {"content": text}}
    return json.dumps(row).encode()


def answer(day: str, name: str, output: int, model: str = "claude-x") -> bytes:
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 300,
        "output_tokens": output,
    }
    message = {
        "id": name,
        "model": model,
        "content": [{"type": "text", "text": "x"}],
        "usage": usage,
    }
    row = {"type": "assistant", "timestamp": f"{day}T10:00:01Z", "message": message}
    return json.dumps(row).encode()


LINES = [
    typed("2026-01-01"),
    answer("2026-01-01", "m1", 5),
    answer("2026-01-01", "m1", 9),
    b'{"type": "user", "torn',
    typed("2026-01-02"),
    answer("2026-01-02", "m2", 7, "claude-y"),
    typed("2026-01-02", "<local-command-stdout>nobody typed this</local-command-stdout>"),
]


def test_quarters_models_and_turns_are_counted_and_an_answer_once() -> None:
    usage = Usage()
    usage.add(LINES)
    assert usage.turns == {"2026-01-01T10:00": 1, "2026-01-02T10:00": 1}
    assert usage.tokens == {
        "2026-01-01T10:00": {"claude-x": [1, 20, 300, 9]},
        "2026-01-02T10:00": {"claude-y": [1, 20, 300, 7]},
    }
    assert (usage.context, usage.model) == (321, "claude-y")


def test_quarters_are_those_of_utc_wherever_it_was_said() -> None:
    usage = Usage()
    usage.add([typed("2026-01-01").replace(b"10:00:00Z", b"00:59:59+05:45")])
    assert usage.turns == {"2025-12-31T19:00": 1}


@given(st.lists(st.integers(0, len(LINES)), max_size=4))
def test_counting_in_parts_is_counting_at_once(cuts: list[int]) -> None:
    whole, parts = Usage(), Usage()
    whole.add(LINES)
    ends = [0, *sorted(cuts), len(LINES)]
    for start, end in pairwise(ends):
        parts.add(LINES[start:end])
        parts = Usage.from_json(parts.to_json())
    assert parts == whole


def test_counts_that_cannot_be_read_are_empty_ones() -> None:
    assert Usage.from_json("{}") == Usage()
    assert Usage.from_json('{"other": 1}') == Usage()
    assert Usage.from_json("junk") == Usage()


def test_models_are_called_what_people_call_them() -> None:
    assert short_name("claude-opus-4-5-20251101") == "opus 4.5"
    assert short_name("claude-3-5-sonnet-20241022") == "3.5 sonnet"
    assert short_name("claude-sonnet-4-5[1m]") == "sonnet 4.5"
    assert short_name("gpt-x") == "gpt-x"
    assert context_size("claude-sonnet-4-5[1m]", 5) == 1_000_000
