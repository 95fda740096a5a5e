"""Code is coloured where its language is known, and always escaped."""

from __future__ import annotations

import pytest

from confab_sync.claude.highlighting import (
    LONGEST,
    LONGEST_LINE,
    MOST_LINES,
    highlighted,
    highlighted_file,
)


@pytest.mark.parametrize("language", ["", "text", "no-such-language", "x" * 100, "\0"])
def test_code_of_no_known_language_is_plain(language: str) -> None:
    assert highlighted("a < b", language) == "a &lt; b"


def test_language_is_told_by_a_file_name() -> None:
    assert 'class="h-k"' in highlighted_file("def f(): pass", "/home/ann/a.py")
    assert highlighted_file("a < b", "/home/ann/unknown.zzz") == "a &lt; b"


@pytest.mark.parametrize(
    "code", ["def f(): pass\n" * LONGEST, "x" * (LONGEST_LINE + 1), " \n" * MOST_LINES]
)
def test_what_could_take_long_is_plain(code: str) -> None:
    assert highlighted(code, "python") == code
    assert highlighted_file(code, "a.py") == code


def test_languages_whose_lexers_nobody_looked_at_are_plain() -> None:
    assert highlighted("x = 1", "autohotkey") == "x = 1"
    assert highlighted_file("x = 1", "a.ahk") == "x = 1"


@pytest.mark.parametrize("language", ["py", "sh", "js", "typescript", "yml", "c++", "Dockerfile"])
def test_languages_are_known_by_all_their_names(language: str) -> None:
    assert "<span" in highlighted('if x: "1"  # y', language)


def test_nothing_is_added_or_left_out() -> None:
    assert "\n\n" in highlighted("\n\nx = 1\n\n", "python")
    assert highlighted("x", "python").count("\n") == 0
