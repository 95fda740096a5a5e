"""A conversation in Markdown says who spoke, and shows tools as far as it was asked to."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.conversation import (
    Attachment,
    Block,
    Entry,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from confab_sync.claude.markdown import Style, code, document, fenced, one_line

CALL = ToolCall("t1", "Bash", {"command": "ls -la\necho", "description": "look"})


def entry(role: Role, *blocks: Block, hidden: bool = False, model: str = "") -> Entry:
    return Entry(1, role, blocks, hidden=hidden, model=model)


def shown(*entries: Entry, style: Style | None = None) -> list[str]:
    return list(document(entries, style or Style()))


def test_a_heading_stands_where_the_speaker_changes() -> None:
    said = [
        entry("user", Text("hi")),
        entry("assistant", Text("one"), model="opus"),
        entry("assistant", Text("two"), model="opus"),
    ]
    assert shown(*said) == ["## You", "hi", "## Claude · opus", "one", "two"]


def test_a_heading_has_the_local_time() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    heading = shown(Entry(1, "user", (Text("hi"),), moment))[0]
    assert heading == f"## You · {moment.astimezone():%Y-%m-%d %H:%M}"


def test_tools_are_folded_to_a_line_and_results_are_left_out() -> None:
    said = [entry("assistant", CALL), entry("tool", ToolResult("t1", "total 0"))]
    assert shown(*said) == ["## Claude", "- **Bash** `ls -la`"]


def test_a_failure_is_shown_even_if_folded() -> None:
    said = [entry("assistant", CALL), entry("tool", ToolResult("t1", "\nno\nsuch", is_error=True))]
    assert shown(*said)[-1] == "  - failed: `no`"


def test_tools_are_unfolded_on_request() -> None:
    said = [entry("assistant", CALL), entry("tool", ToolResult("t1", "total 0\n"))]
    unfolded = shown(*said, style=Style(tools=True))
    assert '"description": "look"' in unfolded[2]
    assert unfolded[3] == "```\ntotal 0\n```"


def test_what_tools_gave_back_does_not_interrupt_the_answer() -> None:
    said = [
        entry("assistant", CALL),
        entry("tool", ToolResult("t1", "x")),
        entry("assistant", Text("done")),
    ]
    assert shown(*said, style=Style(tools=True)).count("## Claude") == 1


def test_thoughts_are_quoted_on_request() -> None:
    said = entry("assistant", Thinking("hm\nwell"))
    assert shown(said) == []
    assert shown(said, style=Style(thinking=True))[1] == "> hm\n> well"


def test_what_nobody_typed_is_left_out() -> None:
    said = entry("user", Text("<system-reminder>"), hidden=True)
    assert shown(said) == []
    assert shown(said, style=Style(hidden=True)) == ["## You", "<system-reminder>"]


def test_pictures_are_named_with_their_size() -> None:
    assert shown(entry("user", Attachment("image/png", 4000)))[1] == "*[image/png, 3,000 bytes]*"


def test_a_long_line_is_cut() -> None:
    assert one_line("\n  " + "x" * 500) == "x" * 119 + "…"


@given(st.text(alphabet="`a \n", max_size=30))
def test_backticks_in_a_text_do_not_end_its_code(text: str) -> None:
    fence, *inside, last = fenced(text).split("\n")
    assert fence == last
    assert all(not line.strip().startswith(fence) for line in inside)
    line = one_line(text)
    ticks = code(line)[: len(code(line)) - len(code(line).lstrip("`"))]
    assert ticks not in line
