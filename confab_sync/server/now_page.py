"""The page that shows every session of every machine as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync.server.access import Access
from confab_sync.server.templates import Templates

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services


class NowPage:
    """The first page, and what keeps it true while it is open."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = Templates(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [Route("/", self.page, methods=["GET"])]

    async def page(self, request: Request) -> Response:
        """The whole page."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        return self._templates.page(request, "now.html", user)
