"""Lets requests wait until something that the pages show has changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EVERY = 0.3
"""Seconds between two looks, as long as somebody waits."""


class Changes:
    """A number that grows with every change, and a way to wait for the next one.

    Each of `marks` gives something that differs after a change of what it looks at, or `None`
    while it cannot tell. They are asked only while somebody waits.
    """

    def __init__(self, marks: Sequence[Callable[[], object | None]], every: float = EVERY) -> None:
        self._marks = marks
        self._every = every
        self._seen: list[object | None] = [None] * len(marks)
        self._looker: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._over = asyncio.Event()
        self.version = 0

    @property
    def is_over(self) -> bool:
        """Whether the server is stopping, so that nobody is to wait any more."""
        return self._over.is_set()

    async def wait(self, since: int, timeout: float) -> int:
        """The number once it is larger than `since`, or as it is after `timeout` seconds.

        Returns at once when the server is stopping.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        self._look()
        while self.version <= since and not self.is_over and loop.time() < deadline:
            change: asyncio.Future[None] = loop.create_future()
            self._waiting.add(change)
            if self._looker is None or self._looker.done():
                self._looker = loop.create_task(self._keep_looking())
            try:
                await asyncio.wait_for(change, max(0.0, deadline - loop.time()))
            except TimeoutError:
                break
            finally:
                self._waiting.discard(change)
        return self.version

    async def pause(self, seconds: float) -> None:
        """Let time pass, unless the server is stopping."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    def end(self) -> None:
        """Let nobody wait any more; belongs into the event loop's thread."""
        self._over.set()
        self._wake()

    async def _keep_looking(self) -> None:
        while self._waiting and not self.is_over:
            await self.pause(self._every)
            self._look()

    def _look(self) -> None:
        for place, mark in enumerate(self._marks):
            found = mark()
            if found is not None and found != self._seen[place]:
                self._seen[place] = found
                self.version += 1
                self._wake()

    def _wake(self) -> None:
        for change in self._waiting:
            if not change.done():
                change.set_result(None)
