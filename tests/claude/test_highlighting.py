"""Code is coloured where its language is known, and always escaped."""

from __future__ import annotations

import pytest

from confab_sync.claude.highlighting import LONGEST, LONGEST_LINE, highlighted, highlighted_file


@pytest.mark.parametrize("language", ["", "text", "no-such-language", "x" * 100, "\0"])
def test_code_of_no_known_language_is_plain(language: str) -> None:
    assert highlighted("a < b", language) == "a &lt; b"


def test_language_is_told_by_a_file_name() -> None:
    assert 'class="h-k"' in highlighted_file("def f(): pass", "/home/ann/a.py")
    assert highlighted_file("a < b", "/home/ann/unknown.zzz") == "a &lt; b"


@pytest.mark.parametrize("code", ["def f(): pass\n" * LONGEST, "x" * (LONGEST_LINE + 1)])
def test_what_could_take_long_is_plain(code: str) -> None:
    assert highlighted(code, "python") == code
    assert highlighted_file(code, "a.py") == code


def test_nothing_is_added_or_left_out() -> None:
    assert "\n\n" in highlighted("\n\nx = 1\n\n", "python")
    assert highlighted("x", "python").count("\n") == 0
