"""Full text over the sessions of one user, for the API and for the pages."""

from __future__ import annotations

import asyncio
import queue
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.errors import SearchError
from confab_sync.server.answers import refusal
from confab_sync.server.indexing import Indexer
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.index import NAME, SearchIndex
from confab_sync.store.index_schema import MIGRATIONS
from confab_sync.store.search import Places, Results, places, search
from confab_sync.store.words import Question, question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confab_sync.server.pool import StorePool
    from confab_sync.store.index import Found
    from confab_sync.store.selected import Wanted
    from confab_sync.store.store import Store
    from confab_sync.store.values import StoredSession

MOST_WITHIN = 500
"""Passages of one session that are found at once."""

TIMEOUT = 5.0
"""Seconds to wait for whoever else writes to the index."""

PATIENCE = 1.0
"""Seconds that an answer waits for what has just been stored to be indexed."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found, for which question, and whether all that is stored was looked at."""

    results: Results
    question: Question
    is_up_to_date: bool


class Searching:
    """Finds words in what a user may see, in the store's threads."""

    def __init__(
        self, pool: StorePool, indexer: Indexer, open_index: Callable[[], SearchIndex]
    ) -> None:
        self._pool = pool
        self._indexer = indexer
        self._open_index = open_index
        self._idle: queue.SimpleQueue[SearchIndex] = queue.SimpleQueue()

    @classmethod
    def of(cls, pool: StorePool, open_store: Callable[[], Store], store_path: str) -> Searching:
        """The search in the store at `store_path`, with the index beside it."""

        def open_index() -> SearchIndex:
            options = DatabaseOptions(timeout=TIMEOUT, migrations=MIGRATIONS, is_durable=False)
            return SearchIndex(index_beside(store_path), options)

        return cls(pool, Indexer(open_store, open_index), open_index)

    def start(self) -> None:
        """Index what is stored from now on, as it comes."""
        self._indexer.start()

    async def find(
        self,
        user: int,
        text: str,
        is_wanted: Callable[[StoredSession], bool] = lambda _: True,
        limit: int = 20,
        offset: int = 0,
    ) -> Searched:
        """The user's sessions in which `text` was said, `limit` after `offset`, the best first.

        `is_wanted` narrows them down. Raises `RequestRefused`: 400 for a question without a
        word, and as `StorePool.run` does.
        """
        asked, is_up_to_date = await self._ask(text)

        def work(store: Store) -> Results:
            sessions = filter(is_wanted, store.sessions_of(user).listing())
            with self.index() as index:
                return search(index, asked, sessions, limit, offset)

        return Searched(await self._pool.run(work), asked, is_up_to_date)

    async def places(
        self, user: int, text: str, wanted: Wanted, limit: int, offset: int
    ) -> tuple[Places, Question, bool]:
        """The same as ids of sessions, among those that are `wanted`, for many sessions."""
        asked, is_up_to_date = await self._ask(text)

        def work(store: Store) -> Places:
            session_ids = store.sessions_of(user).ids(wanted)
            with self.index() as index:
                return places(index, asked, session_ids, limit, offset)

        return await self._pool.run(work), asked, is_up_to_date

    async def within(
        self, user: int, text: str, session_id: str
    ) -> tuple[list[Found], Question, bool]:
        """The best passages of one session of the user, in the order of their lines."""
        asked, is_up_to_date = await self._ask(text)

        def work(store: Store) -> list[Found]:
            store.sessions_of(user).find(session_id)  # nobody searches what is another's
            with self.index() as index:
                return index.search(asked, [session_id], MOST_WITHIN)

        found = await self._pool.run(work)
        found.sort(key=lambda each: (each.file, each.passage.line))
        return found, asked, is_up_to_date

    async def _ask(self, text: str) -> tuple[Question, bool]:
        """The question, and whether all that is stored is in the index by now."""
        try:
            asked = question(text)
        except SearchError as error:
            raise refusal(400, str(error)) from None
        return asked, await asyncio.to_thread(self._indexer.catch_up, PATIENCE)

    def close(self) -> None:
        """Stop indexing and let go of the index; nobody may search any more."""
        self._indexer.close()
        while not self._idle.empty():
            self._idle.get().close()

    @contextmanager
    def index(self) -> Iterator[SearchIndex]:
        """An open index for this thread alone; as many are kept as were used at once."""
        try:
            index = self._idle.get_nowait()
        except queue.Empty:
            index = self._open_index()
        try:
            yield index
        finally:
            if index.is_current:
                self._idle.put(index)
            else:  # it was damaged, or somebody has removed it
                index.close()


def index_beside(store_path: str) -> str:
    """Where the index of a store lies."""
    directory, slash, _ = store_path.rpartition("/")
    return directory + slash + NAME
