"""Nothing in a text hides, or changes how the rest is read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from confab_sync.claude.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\r\nb", "a\nb"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "⟦U+001B⟧]0;title⟦U+0007⟧"),
        ("user\u202etxt.exe", "user⟦U+202E⟧txt.exe"),
        ("\u2066a\u2069", "⟦U+2066⟧a⟦U+2069⟧"),
        ("\U000e0041", "⟦U+E0041⟧"),
        ("half \ud800", "half ⟦U+D800⟧"),
        ("👩\u200d🚀 naïve 東京", "👩\u200d🚀 naïve 東京"),
    ],
)
def test_what_steers_becomes_a_mark(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(some.text())
def test_no_control_is_left(text: str) -> None:
    left = {c for c in visible(text) if unicodedata.category(c) in ("Cc", "Cs")}
    assert left <= {"\n", "\t"}
    assert not {c for c in visible(text) if unicodedata.bidirectional(c) in _BIDI}


_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
