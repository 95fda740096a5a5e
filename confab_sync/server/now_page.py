"""The page that shows every session of every machine as it is now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync.server.access import Access
from confab_sync.server.event_stream import stream
from confab_sync.server.picture import ROWS, WITHIN, picture
from confab_sync.store.schema import OWNER

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.pictured import Picture
    from confab_sync.server.services import Services
    from confab_sync.store.store import Store
    from confab_sync.store.users import User

LIVE = "/pages/now/live"


class NowPage:
    """The first page, and what keeps it true while it is open."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route("/", self.page, methods=["GET"]),
            Route(LIVE, self.live, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """The whole page."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        return self._templates.page(
            request,
            "now.html",
            user,
            picture=await self._picture(user),
            live=LIVE,
            base_url=self._services.site.base_url(request),
        )

    async def live(self, request: Request) -> Response:
        """The page's changing part, again and again; JSON with its `title` and `html`."""
        user = await self._access.signed_in(request)
        shown: Picture | None = None
        base_url = self._services.site.base_url(request)

        async def produce() -> str | None:
            nonlocal shown
            now = await self._picture(user)
            if now == shown:
                return None
            shown = now
            html = self._templates.text("now_picture.html", picture=now, base_url=base_url)
            return json.dumps({"alive": now.alive, "html": html})

        return stream(self._services, request, user, produce)

    async def _picture(self, user: User) -> Picture:
        services, is_owner = self._services, user.id == OWNER
        services.counter.ask()

        def work(store: Store) -> Picture:
            mine = store.sessions_of(user.id)
            found = mine.latest_by_machine(WITHIN, ROWS)
            shown = [session.session_id for _, sessions in found for session in sessions]
            return picture(
                found,
                mine.ends(shown),
                services.used.contexts(shown),
                services.local.sessions() if is_owner else (),
                services.local,
                services.clock(),
            )

        return await services.pool.run(work)
