"""Hits are put together session by session, page by page, and only among those handed in."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from confab_sync.store.index import SearchIndex
from confab_sync.store.search import is_in, search
from confab_sync.store.words import question
from tests.store.factories import chunk, new_session, open_store
from tests.store.test_index import every_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.store.store import Store


@contextmanager
def archive(directory: Path, **said: bytes) -> Iterator[tuple[Store, SearchIndex]]:
    """A store with one session for each name, and the index of what was said in them."""
    with open_store(directory) as store, closing(SearchIndex(str(directory / "i.db"))) as index:
        for name, data in said.items():
            store.append(new_session(store, name), chunk(data))
        index.update(store, every_line)
        yield store, index


def test_pages_follow_on_each_other(tmp_path: Path) -> None:
    said = {f"s{number}": b"whale\n" * (number + 1) for number in range(5)}
    with archive(tmp_path, **said) as (store, index):
        pages = [search(index, question("whale"), store.sessions(), 2, at) for at in (0, 2, 4, 6)]
    names = [[hit.session.external_id for hit in page.hits] for page in pages]
    assert [len(page) for page in names] == [2, 2, 1, 0]
    assert sorted(name for page in names for name in page) == sorted(said)
    assert {page.total for page in pages} == {5}
    assert all(page.is_all for page in pages)


def test_what_is_not_handed_in_is_not_found(tmp_path: Path) -> None:
    with archive(tmp_path, mine=b"whale\n", theirs=b"whale whale\n") as (store, index):
        mine = [session for session in store.sessions() if session.external_id == "mine"]
        found = search(index, question("whale"), mine, 10)
    assert [hit.session.external_id for hit in found.hits] == ["mine"]
    assert found.total == 1


def test_a_text_that_was_said_again_is_shown_once_and_counted(tmp_path: Path) -> None:
    with archive(tmp_path, one=b"whale\nwhale\na whale\n") as (store, index):
        (hit,) = search(index, question("whale"), store.sessions(), 10).hits
    assert sorted(found.passage.text for found in hit.passages) == ["a whale", "whale"]
    assert hit.count == 3


def test_words_of_a_deleted_session_leave_the_file_with_the_next_update(tmp_path: Path) -> None:
    with archive(tmp_path, one=b"zyzzyva\n", two=b"whale\n") as (store, index):
        (gone,) = (each for each in store.sessions() if each.external_id == "one")
        store.delete_session(gone.session_id)
        index.update(store, every_line)
    assert b"zyzzyva" not in (tmp_path / "i.db").read_bytes()


@pytest.mark.parametrize(
    ("directory", "place", "expected"),
    [
        ("/work/app", "/work/app", True),
        ("/work/app/src", "/work/app/", True),
        ("/work/application", "/work/app", False),
        ("/work/app", "/", True),
        ("/work/app/src", "app", True),
        ("/work/application", "app", False),
        ("", "app", False),
    ],
)
def test_a_place_is_a_path_or_a_name(directory: str, place: str, expected: bool) -> None:
    assert is_in(directory, place) is expected
