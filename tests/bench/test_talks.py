"""The sessions that pages are measured on hold what the measurement is told they hold."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bench.missing import Unmeasurable
from bench.pages import measure
from bench.subjects import Subject
from bench.talks import VOCABULARY, Size, fill, rare, supply, word
from confab_sync.claude.passages import passages
from confab_sync.store.index import SearchIndex
from confab_sync.store.words import question
from tests.store.factories import open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_rare_word_is_in_its_session_alone_and_the_sizes_are_as_told(tmp_path: Path) -> None:
    filled = fill(tmp_path / "store.db", Size(sessions=4, megabytes=3, long=1))
    with (
        open_store(tmp_path) as store,
        closing(SearchIndex(str(tmp_path / "search.db"))) as index,
    ):
        sizes = {each.session_id: each.bytes for each in store.extents()}
        index.update(store, passages)
        found = index.search(question(rare(2)), filled.ids)
    assert [each.session_id for each in found] == [filled.ids[2]]
    assert set(sizes) == {*filled.ids, filled.long}
    assert 3_000_000 <= sum(sizes.values()) < 4_000_000
    assert 1_000_000 <= sizes[filled.long] < 1_300_000


def test_no_two_words_of_the_vocabulary_are_the_same() -> None:
    assert len({word(place) for place in range(VOCABULARY)}) == VOCABULARY


def test_the_first_word_is_said_ten_times_as_often_as_the_tenth() -> None:
    said = Counter(b"".join(supply(2_000_000)).replace(b'"', b" ").split())
    often, tenth = said[word(0).encode()], said[word(9).encode()]
    assert 7 < often / tenth < 13


def test_what_has_no_space_is_not_begun(tmp_path: Path) -> None:
    subject = Subject("confab", tmp_path / "nowhere", is_own=True)
    with pytest.raises(Unmeasurable, match="no space"):
        measure(subject, Size(sessions=1, megabytes=10**12, long=1))
