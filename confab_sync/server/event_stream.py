"""Server-sent events: what a page shows, sent again whenever it has become otherwise."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from confab_sync.errors import RequestRefused
from confab_sync.server.access import Access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.users import User

HEARTBEAT = 20.0
"""Seconds after which a page is looked at even if nothing is known to have changed."""

LIFE = 600.0
"""Seconds after which the browser has to come back, and shows its cookie anew."""

PER_USER = 24
_SPACING = 0.25
_COMMENT = b": here\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Streams:
    """How many streams each user has open."""

    def __init__(self, per_user: int = PER_USER) -> None:
        self._per_user = per_user
        self._open: dict[int, int] = {}

    @contextmanager
    def one_more(self, user: int) -> Iterator[None]:
        """Count a stream while the block lasts."""
        self._open[user] = self._open.get(user, 0) + 1
        try:
            yield
        finally:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]

    def refuse_too_many(self, user: int) -> None:
        """Raise `RequestRefused` with 429 when the user has as many as there may be."""
        if self._open.get(user, 0) >= self._per_user:
            raise RequestRefused(429, "Too many open pages", {"Retry-After": "10"})


def stream(
    services: Services,
    request: Request,
    user: User,
    produce: Callable[[], Awaitable[str | None]],
) -> Response:
    """An answer that goes on until the client leaves, the server stops, or ten minutes passed.

    It also ends when the cookie of `request` stands for its user no more: nobody who signed
    out or was disabled is told anything, at the latest with the next heartbeat.

    `produce` is asked at once, after each change and at each heartbeat for what is to be sent
    (a text without NUL; its lines become `data:` lines); `None` is nothing new. It is not asked
    again before three times the time it took have passed, so that many changes cost no more
    than few. Raises `RequestRefused` when the user has too many streams open.
    """
    services.streams.refuse_too_many(user.id)
    return StreamingResponse(
        _events(services, request, user, produce), media_type="text/event-stream", headers=_HEADERS
    )


async def _events(
    services: Services,
    request: Request,
    user: User,
    produce: Callable[[], Awaitable[str | None]],
) -> AsyncIterator[bytes]:
    access = Access(services)
    changes, number, version = services.changes, 0, -1
    ends = time.monotonic() + LIFE
    with services.streams.one_more(user.id):
        yield b"retry: 2000\n\n"
        while not changes.is_over and time.monotonic() < ends:
            version = await changes.wait(version, HEARTBEAT)
            if changes.is_over:
                return
            began = time.monotonic()
            try:
                holder = await access.by_cookie(request)
                if holder is None or holder.id != user.id:
                    return
                text = await produce()
            except RequestRefused:  # the store is busy, or what the page shows was deleted
                text = None
            if text is None:
                yield _COMMENT
            else:
                number += 1
                yield _event(number, text)
            await changes.pause(max(_SPACING, 3 * (time.monotonic() - began)))


def _event(number: int, text: str) -> bytes:
    data = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"id: {number}\n{data}\n".encode("utf-8", "replace")
