"""Any unique beginning of an id is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import AmbiguousSession, SessionNotFound
from confab_sync.store.values import SessionInfo

from .factories import new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_beginning_of_either_id_finds_the_session(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store, "aa-1")
        public = new_session(store, "bb-1")
        for prefix in ("b", "bb-1", public, public[:8], public.upper()):
            assert store.find_session(prefix).external_id == "bb-1"


def test_whole_id_wins_over_longer_ones(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store, "ab")
        new_session(store, "abc")
        assert store.find_session("ab").external_id == "ab"


@pytest.mark.parametrize("prefix", ["", "zz", "%", "a_"])
def test_nothing_found_is_an_error(tmp_path: Path, prefix: str) -> None:
    with open_store(tmp_path) as store:
        new_session(store, "ab")
        with pytest.raises(SessionNotFound):
            store.find_session(prefix)


def test_several_are_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        new_session(store, "ab")
        new_session(store, "ac")
        with pytest.raises(AmbiguousSession) as caught:
            store.find_session("a")
        assert sorted(caught.value.candidates) == ["ab", "ac"]


def test_one_id_of_two_providers_is_told_apart_by_the_public_id(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        first = new_session(store, "ab")
        second = store.open_session(SessionInfo("codex", "ab", "/t")).session_id
        with pytest.raises(AmbiguousSession) as caught:
            store.find_session("ab")
        assert sorted(caught.value.candidates) == sorted([first, second])
        assert store.find_session(second).provider == "codex"
