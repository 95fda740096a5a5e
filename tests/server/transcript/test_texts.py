"""Of a text as much is shown as a page can bear, and the rest is where it says."""

from __future__ import annotations

from confab_sync.server.transcript.texts import (
    LONGEST_FOLDED,
    LONGEST_TEXT,
    MOST_MARKED,
    block_text,
)
from tests.server.transcript.test_speech import ADDRESSES, call, read, result, row, text


def test_long_text_is_cut_and_its_rest_can_be_fetched() -> None:
    long = "word " * 10_000
    rows = (
        row("user", long),
        row("user", result(long, "c9")),
        row("assistant", call(command=long)),
    )
    parts = [each.parts[0] for each in read(*rows)]
    for number, (part, longest) in enumerate(
        zip(parts, (LONGEST_TEXT, LONGEST_FOLDED, LONGEST_FOLDED), strict=True), 1
    ):
        assert len(part.html) < longest + 100
        assert part.size == len(long)
        assert part.rest == ADDRESSES.block(number, 0, longest)
        assert block_text(rows[number - 1], 0) == long


def test_text_of_a_block_that_is_not_there_is_empty() -> None:
    assert block_text(row("user", "x"), 1) == block_text(b"torn", 0) == ""
    assert block_text(row("user", "x"), -1) == ""


def test_markup_is_made_of_so_much_and_the_rest_is_plain() -> None:
    long = "**loud** " * (LONGEST_TEXT // 10)
    (said,) = read(row("assistant", *[text(long)] * (2 * MOST_MARKED // len(long))))
    assert "<strong>" in said.parts[0].html
    assert said.parts[-1].html.startswith("<pre>**loud**")
    assert "<strong>" in read(row("assistant", text("**loud**")))[0].parts[0].html
