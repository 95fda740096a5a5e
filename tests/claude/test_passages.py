"""What can be looked for is what was said, by whomever, and nothing that is in every session."""

from __future__ import annotations

from confab_sync.claude.layout import AGENT, SIDE, TRANSCRIPT
from confab_sync.claude.passages import _strings, passages
from tests.claude.test_conversation import assistant, user


def test_texts_thoughts_calls_and_results_are_found_with_their_line() -> None:
    lines = [
        user("please", timestamp="2026-03-01T12:00:00Z"),
        assistant(
            {"type": "thinking", "thinking": "hm"},
            {"type": "tool_use", "name": "Edit", "input": {"path": "/a", "edits": [{"new": "b"}]}},
        ),
        user([{"type": "tool_result", "tool_use_id": "t", "content": "fine"}]),
    ]
    assert list(passages(TRANSCRIPT, lines, 5)) == [
        (5, "user", "2026-03-01T12:00:00+00:00", "please"),
        (6, "assistant", None, "hm"),
        (6, "assistant", None, "Edit\n/a\nb"),
        (7, "tool", None, "fine"),
    ]


def test_subagents_are_searched_too() -> None:
    assert [text for *_, text in passages(AGENT, [user("go")])] == ["go"]


def test_other_files_are_not() -> None:
    assert list(passages(SIDE, [user("go")])) == []


def test_what_claude_code_says_in_every_session_is_not() -> None:
    assert list(passages(TRANSCRIPT, [user("<system-reminder>x</system-reminder>")])) == []


def test_strings_are_found_in_their_order_however_deep_they_lie() -> None:
    asked: object = "innermost"
    for _ in range(400):
        asked = [{"deeper": asked}]
    call = {"type": "tool_use", "id": "t", "name": "Odd", "input": {"a": ["1", "2"], "b": asked}}
    ((_, _, _, text),) = passages("transcript", [assistant(call)])
    assert text == "Odd\n1\n2\ninnermost"


def test_strings_of_an_input_deeper_than_python_calls_are_found() -> None:
    asked: object = "innermost"
    for _ in range(5000):
        asked = [asked]
    assert list(_strings(asked)) == ["innermost"]
