"""Texts that the API takes, whatever they were."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.backends.http.texts import clean, clean_value, clip, dumps

ANY_TEXT = st.text(st.characters(codec=None))
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(ANY_TEXT, st.integers(0, 40))
def test_clipped_text_fits_and_is_a_beginning_of_the_clean_one(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert len(clipped.encode()) <= limit
    assert clean(text).startswith(clipped)
    rest = clean(text)[len(clipped) :]
    assert not rest or len((clipped + rest[0]).encode()) > limit


@given(st.text())
def test_text_without_nul_stays_what_it_is(text: str) -> None:
    assert clean(text) == text.replace("\0", "")


def test_half_characters_are_replaced_and_whole_pairs_joined() -> None:
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("\udc00\ud83d\ude00") == "\ufffd\U0001f600"


@given(ANY_VALUE)
def test_any_value_becomes_json_that_the_server_can_store(value: object) -> None:
    text = dumps(clean_value(value)).decode()
    assert "\\u0000" not in text
    json.loads(text, parse_constant=lambda name: 1 / 0)


def test_what_json_has_no_word_for_becomes_null_and_depth_has_an_end() -> None:
    assert clean_value({1: {2}, "n": float("inf")}) == {"1": None, "n": None}
    deep: object = []
    for _ in range(10_000):
        deep = [deep]
    assert len(dumps(clean_value(deep))) < 1000
