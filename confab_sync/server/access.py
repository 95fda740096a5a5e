"""Who sends a request, and whether they may (contract §1.2, §1.6, §2.9)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.errors import RequestRefused, StoreUnavailable

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from confab_sync.server.services import Services
    from confab_sync.store.store import Store
    from confab_sync.store.users import User

COOKIE = "confab_session"
_NOTED_EVERY = timedelta(minutes=1)
_SAFE = frozenset({"GET", "HEAD"})


class Access:
    """Finds out who somebody is; everything else is `RequestRefused`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def by_key(self, request: Request) -> User:
        """The user of the API key; read-only ones may only read."""
        header = request.headers.get("authorization", "")
        if not header:
            raise RequestRefused(401, wire.MISSING_AUTHORIZATION)
        word, _, key = header.partition(" ")
        if word != wire.BEARER.strip() or not key or " " in key:
            raise RequestRefused(401, wire.INVALID_AUTHORIZATION)
        user = await self._key_holder(key)
        if user is None:
            raise RequestRefused(401, wire.INVALID_API_KEY)
        if user.state == "disabled":
            raise RequestRefused(403, wire.ACCOUNT_DEACTIVATED)
        return _allowed(request, user)

    async def by_key_or_cookie(self, request: Request) -> User:
        """The user of the API key or, for requests from our own pages, of the cookie."""
        user = await self.if_known(request)
        if user is None:
            raise RequestRefused(401, wire.UNAUTHORIZED)
        return _allowed(request, user)

    async def by_cookie(self, request: Request) -> User | None:
        """The active user who signed in with this browser."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        if request.method not in _SAFE and not self._services.site.is_same_origin(request):
            raise RequestRefused(403, wire.CSRF_FAILED)
        user = await self._services.pool.run(lambda store: store.accounts.cookie_holder(cookie))
        return None if user is None or user.state == "disabled" else user

    async def signed_in(self, request: Request) -> User:
        """The user of the cookie: for parts of pages, which cannot offer to sign in."""
        user = await self.by_cookie(request)
        if user is None:
            raise RequestRefused(401, wire.UNAUTHORIZED)
        return user

    async def if_known(self, request: Request) -> User | None:
        """The user, if key or cookie name an active one; a bad key is as good as none."""
        word, _, key = request.headers.get("authorization", "").partition(" ")
        if word == wire.BEARER.strip() and key:
            user = await self._key_holder(key)
            if user is not None and user.state != "disabled":
                return user
        return await self.by_cookie(request)

    async def _key_holder(self, key: str) -> User | None:
        now = self._services.clock()
        return await self._services.pool.run(lambda store: _holder(store, key, now))


def _holder(store: Store, secret: str, now: datetime) -> User | None:
    holder = store.accounts.key_holder(secret)
    if holder is None:
        return None
    used = holder.key.last_used_at
    if used is None or now - used > _NOTED_EVERY:
        with suppress(StoreUnavailable):  # a full disk is no reason to turn readers away
            store.accounts.note_key_use(holder.key)
    return holder.user


def _allowed(request: Request, user: User) -> User:
    if user.state == "read_only" and request.method not in _SAFE:
        raise RequestRefused(
            403, {"error": wire.READ_ONLY_ERROR, "message": wire.READ_ONLY_MESSAGE}
        )
    return user
