"""Keeps the search index up to date while the server runs, without getting in anybody's way."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.claude.passages import passages
from confab_sync.errors import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.store.index import SearchIndex
    from confab_sync.store.store import Store

LOOK_EVERY = 2.0
"""Seconds between two looks whether the store has changed."""

RESTING = 20.0
"""How many times as long as an update took nothing is done after it, unless somebody asks."""

LONGEST_REST = 60.0
"""Seconds."""

AFTER_TROUBLE = 60.0
"""Seconds until the index is tried again, unless somebody asks."""

LAST_WAIT = 10.0
"""Seconds that the part which is just being indexed is given when the server stops."""

_log = logging.getLogger(__name__)


class Indexer:
    """A thread that takes in what the store has, as it comes.

    A store that nobody changes is only asked for its version. While nobody waits, half of the
    time is left to others.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        open_index: Callable[[], SearchIndex],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_store = open_store
        self._open_index = open_index
        self._monotonic = monotonic
        self._thread: threading.Thread | None = None
        self._news = threading.Condition()
        self._asked = 0
        """How often somebody has asked; the index answers with the number it has come to."""
        self._answered = 0
        self._waiting = 0
        """How many wait for an answer just now."""
        self._is_whole = False
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin; doing it twice is the same as once."""
        with self._news:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
                self._thread.start()

    def catch_up(self, seconds: float) -> bool:
        """Wait until all that is stored by now is indexed, for `seconds` at most; whether it is."""
        self.start()
        with self._news:
            self._asked += 1
            mine = self._asked
            self._waiting += 1
            self._news.notify_all()
            reached = self._news.wait_for(
                lambda: self._answered >= mine or self._stopped.is_set(), seconds
            )
            self._waiting -= 1
            return reached and self._is_whole

    def close(self) -> None:
        """Stop, in the middle of an update if need be: the next one goes on from there."""
        self._stopped.set()
        with self._news:
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(LAST_WAIT)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._open_store() as store, closing(self._open_index()) as index:
                    self._keep(store, index)
            except _Stopped:
                return
            except Exception as error:
                _log.warning("the search index cannot be brought up to date: %s", described(error))
                self._answer(self._asked, is_whole=False)
                self._wait_for(lambda: self._asked > self._answered, AFTER_TROUBLE)

    def _keep(self, store: Store, index: SearchIndex) -> None:
        """Update whenever the store has changed or somebody asks, until stopped."""
        seen = None
        while not self._stopped.is_set():
            asked, version = self._asked, store.version()
            pause = LOOK_EVERY
            if version == seen and index.is_current:
                self._answer(asked, is_whole=True)
            else:
                begun = self._monotonic()
                is_whole = index.update(store, passages, self._yielding())
                seen = version if is_whole else None  # else another process is at it
                self._answer(asked, is_whole=is_whole)
                took = self._monotonic() - begun
                pause = min(max(LOOK_EVERY, RESTING * took), LONGEST_REST)
            self._wait_for(lambda: self._asked > self._answered, pause)

    def _yielding(self) -> Callable[[int, int], None]:
        """What an update tells its progress to: there it pauses, or ends when it is to stop."""
        last = self._monotonic()

        def told(_done: int, _whole: int) -> None:
            nonlocal last
            self._wait_for(lambda: self._waiting > 0, self._monotonic() - last)
            if self._stopped.is_set():
                raise _Stopped
            last = self._monotonic()

        return told

    def _answer(self, asked: int, *, is_whole: bool) -> None:
        with self._news:
            self._answered = asked
            self._is_whole = is_whole
            self._news.notify_all()

    def _wait_for(self, is_wanted: Callable[[], bool], seconds: float) -> None:
        """Let time pass, unless somebody wants something or it is to stop."""
        with self._news:
            self._news.wait_for(lambda: is_wanted() or self._stopped.is_set(), seconds)


class _Stopped(Exception):
    """The server stops. Never leaves this module."""
