"""Spans that touch are united, and markers stand in their place."""

from __future__ import annotations

from confab_sync.redaction.spans import Span, masked, merged, tally


def test_overlapping_spans_become_one_of_the_type_that_says_more() -> None:
    named = Span(0, 10, "FIELD", named=True)
    assert merged([named, Span(2, 10, "KEY")], b"x" * 10) == [Span(0, 10, "KEY")]
    assert merged([Span(0, 3, "A"), Span(2, 9, "B")], b"x" * 9) == [Span(0, 9, "B")]
    assert merged([named, Span(4, 6, "KEY")], b"x" * 10) == [named]


def test_spans_side_by_side_stay_two() -> None:
    spans = [Span(3, 6, "B"), Span(0, 3, "A")]
    assert merged(spans, b"abcdef") == [Span(0, 3, "A"), Span(3, 6, "B")]
    assert tally(spans) == {"A": 1, "B": 1}


def test_what_is_masked_already_is_left_out() -> None:
    data = b"x [REDACTED:A] y"
    assert merged([Span(2, 14, "B"), Span(5, 8, "C"), Span(3, 3, "D")], data) == []


def test_markers_bring_their_quotes_and_keep_newlines() -> None:
    spans = [Span(1, 2, "A", quote=b'\\"'), Span(3, 8, "B")]
    assert masked(b"012345\r\n89", spans) == b'0\\"[REDACTED:A]\\"2[REDACTED:B]\r\n89'
