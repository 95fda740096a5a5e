"""A snippet shows the words that were looked for, on one line that cannot steer a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.store.snippets import snippet


def shown(text: str, *wanted: str, width: int = 160) -> str:
    return "".join(f"<{piece}>" if hit else piece for piece, hit in snippet(text, wanted, width))


def test_the_words_are_marked_as_they_are_written() -> None:
    assert shown("The Whale is BLUE", "blue", "whale") == "The <Whale> is <BLUE>"


def test_a_phrase_may_be_broken_over_lines() -> None:
    assert shown("connection\n  reset by peer", "connection reset") == "<connection reset> by peer"


def test_the_middle_of_a_long_text_is_cut_out_at_a_blank() -> None:
    text = "a " * 500 + "needle" + " z" * 500
    assert shown(text, "needle", width=60) == "…" + "a " * 20 + "<needle>" + " z" * 7 + "…"


def test_words_that_are_not_written_like_that_give_the_beginning() -> None:
    assert shown("café au lait", "cafe") == "café au lait"


def test_the_terminal_is_not_steered() -> None:
    assert shown("a\x1b[31mb \u202ec") == "a\\x1b[31mb \\u202ec"


@given(st.text(), st.lists(st.text(max_size=5), max_size=3), st.integers(1, 50))
def test_any_text_gives_one_line(text: str, wanted: list[str], width: int) -> None:
    assert all(piece.isprintable() for piece, _ in snippet(text, wanted, width))
