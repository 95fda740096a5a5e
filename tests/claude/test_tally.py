"""A tally counts turns and tokens once, in however many steps the lines come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.tally import Tally
from tests.claude.test_conversation import assistant, line, user

RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "x"}


def answer(message_id: str, given: int, output: int, cached: int = 0, model: str = "opus") -> bytes:
    usage = {"input_tokens": given, "output_tokens": output, "cache_read_input_tokens": cached}
    return assistant({"type": "text", "text": "x"}, id=message_id, usage=usage, model=model)


def tally(*lines: bytes) -> Tally:
    counted = Tally()
    counted.add(lines)
    return counted


def test_turns_are_what_people_typed() -> None:
    hidden = user("<system-reminder>x</system-reminder>")
    assert tally(user("a"), hidden, user([RESULT]), user("b"), user("c", isMeta=True)).turns == 2


def test_an_answer_on_several_lines_is_counted_once_with_its_last_output() -> None:
    counted = tally(answer("m1", 10, 1), answer("m1", 10, 7), answer("m2", 30, 2, cached=5))
    assert (counted.input, counted.output) == (45, 9)


def test_the_context_is_that_of_the_last_answer() -> None:
    counted = tally(answer("m1", 10, 1), answer("m2", 3, 1, cached=90, model="sonnet"))
    assert (counted.context, counted.model) == (93, "sonnet")
    assert counted.models == {"opus": 1, "sonnet": 1}


def test_what_claude_code_says_in_the_models_place_changes_no_context() -> None:
    counted = tally(answer("m1", 10, 1), answer("m2", 0, 0, model="<synthetic>"))
    assert (counted.context, counted.model) == (10, "opus")


def test_what_is_no_tally_is_an_empty_one() -> None:
    for text in ("", "null", "[]", '{"unheard": 1}', "{"):
        assert Tally.from_json(text) == Tally()


LINES = st.lists(
    st.sampled_from(
        [answer("m1", 1, 2), answer("m1", 1, 5), answer("m2", 7, 1), user("x"), line(type="mode")]
    ),
    max_size=8,
)


@given(LINES, st.integers(0, 8))
def test_in_how_many_steps_lines_are_counted_does_not_matter(lines: list[bytes], cut: int) -> None:
    first = Tally()
    first.add(lines[:cut])
    second = Tally.from_json(first.to_json())
    second.add(lines[cut:])
    assert second == tally(*lines)
