"""The index follows the store by itself, and is let go of at once."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from confab_sync.errors import StoreUnavailable
from confab_sync.server.indexing import Indexer
from confab_sync.store.index import SearchIndex
from confab_sync.store.words import question
from integration.waiting import until
from tests.claude.test_conversation import user
from tests.store.factories import chunk, new_session, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def index_in(directory: Path) -> SearchIndex:
    return SearchIndex(str(directory / "search.db"))


@contextmanager
def indexer(
    directory: Path, open_index: Callable[[], SearchIndex] | None = None
) -> Iterator[Indexer]:
    open_index = open_index or (lambda: index_in(directory))
    running = Indexer(lambda: open_store(directory), open_index)
    try:
        yield running
    finally:
        running.close()


def says(directory: Path, word: str) -> bool:
    with open_store(directory) as store, closing(index_in(directory)) as index:
        ids = [session.session_id for session in store.sessions()]
        return bool(index.search(question(word), ids))


def test_what_is_stored_is_taken_in_without_being_asked(tmp_path: Path) -> None:
    with indexer(tmp_path) as running, open_store(tmp_path) as store:
        running.start()
        session = new_session(store)
        store.append(session, chunk(user("whale") + b"\n"))
        until(lambda: says(tmp_path, "whale"), "the first line is indexed")
        more = user("shark") + b"\n"
        store.append(session, chunk(more, first_line=2, source_end=10_000))
        until(lambda: says(tmp_path, "shark"), "the next line is indexed")


def test_who_asks_waits_until_all_is_taken_in(tmp_path: Path) -> None:
    with indexer(tmp_path) as running, open_store(tmp_path) as store:
        store.append(new_session(store), chunk(user("whale") + b"\n"))
        assert running.catch_up(30.0)
        assert says(tmp_path, "whale")
        store.append(new_session(store, "other"), chunk(user("shark") + b"\n"))
        assert running.catch_up(30.0)
        assert says(tmp_path, "shark")


def test_it_says_when_it_cannot_catch_up(tmp_path: Path) -> None:
    def refused() -> SearchIndex:
        raise StoreUnavailable("no")

    with indexer(tmp_path, refused) as running:
        open_store(tmp_path).close()
        assert not running.catch_up(30.0)
        assert not running.catch_up(30.0)


def test_an_index_that_is_gone_is_put_together_again(tmp_path: Path) -> None:
    with indexer(tmp_path) as running, open_store(tmp_path) as store:
        store.append(new_session(store), chunk(user("whale") + b"\n"))
        assert running.catch_up(30.0)
        (tmp_path / "search.db").unlink()
        until(lambda: running.catch_up(30.0) and says(tmp_path, "whale"), "the index is there")


def test_trouble_that_has_passed_is_over_for_the_next_who_asks(tmp_path: Path) -> None:
    troubles = iter([True, False])

    def sometimes() -> SearchIndex:
        if next(troubles):
            raise StoreUnavailable("no")
        return index_in(tmp_path)

    with indexer(tmp_path, sometimes) as running, open_store(tmp_path) as store:
        store.append(new_session(store), chunk(user("whale") + b"\n"))
        until(lambda: running.catch_up(30.0), "the index can be used again")
        assert says(tmp_path, "whale")


def test_closing_ends_the_thread_and_whoever_waits(tmp_path: Path) -> None:
    with indexer(tmp_path) as running:
        open_store(tmp_path).close()
        running.start()
        running.close()
        assert not running.catch_up(30.0)
    assert all(thread.name != "indexer" for thread in threading.enumerate())
