"""Questions find what their words stand for, whatever the script."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.errors import SearchError
from confab_sync.store.words import indexed, question


def finds(asked: str, *texts: str) -> list[str]:
    """The texts that SQLite finds for a question, in their order."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61"
            " remove_diacritics 2')"
        )
        connection.executemany("INSERT INTO words VALUES (?)", [(indexed(t),) for t in texts])
        rows = connection.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid",
            (question(asked).expression,),
        )
        return [texts[number - 1] for (number,) in rows]
    finally:
        connection.close()


def test_all_words_have_to_be_there_in_any_order() -> None:
    assert finds("blue whale", "a whale, so blue", "a blue sky") == ["a whale, so blue"]


def test_a_phrase_has_to_stand_together() -> None:
    assert finds('"blue whale"', "blue whale", "whale blue") == ["blue whale"]


def test_an_unclosed_phrase_goes_to_the_end() -> None:
    assert finds('"blue wha', "blue wha", "blue whale") == ["blue wha"]


def test_a_star_is_the_beginning_of_a_word() -> None:
    assert finds("wha*", "whale", "a what", "awhale") == ["whale", "a what"]


def test_a_minus_leaves_out() -> None:
    assert finds("blue -whale", "blue whale", "blue sky") == ["blue sky"]


def test_several_are_left_out() -> None:
    assert finds("a -b -c", "a b", "a c", "a d") == ["a d"]


@pytest.mark.parametrize("word", ["東京", "京都", "東京都", "カタ", "한국", "国語"])
def test_two_characters_of_unspaced_scripts_are_found(word: str) -> None:
    text = "東京都のカタログ、한국어 中国語辞典"
    assert finds(word, text, "何もない") == [text]


def test_one_character_of_an_unspaced_script_is_found_at_its_end_too() -> None:
    assert finds("都", "東京都", "東京") == ["東京都"]


def test_pairs_that_do_not_meet_are_not_found() -> None:
    assert finds("東都", "東京都") == []


def test_scripts_may_be_mixed_in_a_word() -> None:
    assert finds("python入門", "python入門", "python") == ["python入門"]
    assert finds("入門python", "本: 入門python", "入門") == ["本: 入門python"]


def test_case_accents_and_width_do_not_matter() -> None:
    wide = "\uff23\uff21\uff26\uff25"
    assert finds("CAFE", "café", wide, "cafeteria") == ["café", wide]


def test_identifiers_with_underscores_are_found_whole_and_in_part() -> None:
    assert finds("read_file", "def read_file():", "read a file") == ["def read_file():"]
    assert finds("read", "def read_file():") == ["def read_file():"]


@pytest.mark.parametrize("asked", ["", " ", '""', "-", "-word", "***", "+++", "()"])
def test_a_question_without_a_word_is_refused(asked: str) -> None:
    with pytest.raises(SearchError):
        question(asked)


@given(st.text(max_size=40))
def test_no_question_breaks_the_search(asked: str) -> None:
    try:
        finds(asked, "a text", "東京都")
    except SearchError:
        pass


@given(st.text(alphabet="ab東京都 -_カ한é", min_size=1, max_size=20))
def test_a_text_is_found_by_any_of_its_words(text: str) -> None:
    for word in text.replace("-", " ").split():
        if word.strip("_"):
            assert text in finds(word, text)


def test_half_a_surrogate_pair_does_not_stop_the_index() -> None:
    assert indexed("cut \ud83d off").encode() == b"cut ? off"
