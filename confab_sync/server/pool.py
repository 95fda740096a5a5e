"""Does the store's work in a few threads, each with a connection of its own."""

from __future__ import annotations

import asyncio
import logging
import queue
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from confab_sync import wire
from confab_sync.errors import (
    ForeignSession,
    NotContiguous,
    StoreDamaged,
    StoreTooNew,
    StoreUnavailable,
    TooManyChunks,
    UnknownSession,
)
from confab_sync.server.answers import refusal, storage_unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.store.store import Store

T = TypeVar("T")

THREADS = 4
_log = logging.getLogger(__name__)


class StorePool:
    """Stores that are opened when first needed, and threads to use them in."""

    def __init__(self, open_store: Callable[[], Store], threads: int = THREADS) -> None:
        self._open_store = open_store
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        # As many places as threads, so that a thread never waits for one.
        self._stores: queue.SimpleQueue[Store | None] = queue.SimpleQueue()
        for _ in range(threads):
            self._stores.put(None)
        self._count = threads

    async def run(self, work: Callable[[Store], T], failure: str = wire.FAILED) -> T:
        """What `work` makes of a store, in a thread.

        What the store refuses becomes the contract's answer: 404 for unknown sessions, 403 for
        foreign ones, 400 for what does not follow, 503 when it is locked or full, and 500 with
        `failure` when it is damaged. What has no answer of its own passes: taken names, say.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._work, work)
        except StoreUnavailable as error:
            _log.warning("%s", error)
            raise storage_unavailable() from error
        except UnknownSession:
            raise refusal(404, wire.SESSION_NOT_FOUND) from None
        except ForeignSession:
            raise refusal(403, wire.ACCESS_DENIED) from None
        except NotContiguous as error:
            raise refusal(400, str(error)) from None
        except TooManyChunks:
            raise refusal(400, wire.TOO_MANY_CHUNKS) from None
        except (StoreDamaged, StoreTooNew) as error:
            _log.error("%s", error)
            raise refusal(500, failure) from error

    def _work(self, work: Callable[[Store], T]) -> T:
        store = self._stores.get()
        try:
            if store is None:
                store = self._open_store()
            return work(store)
        finally:
            self._stores.put(store)

    def close(self) -> None:
        """Wait for what is being done, then close the stores."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for _ in range(self._count):
            store = self._stores.get()
            if store is not None:
                store.close()
