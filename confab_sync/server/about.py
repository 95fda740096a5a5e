"""What the server says of itself and of the key it is asked with (contract §2.1 to §2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import __version__, wire
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services

ADVERTISED = (
    wire.WORKFLOW_FILES,
    wire.WORKFLOW_JOURNALS,
    wire.SIDE_FILES,
    wire.LIVE,
    wire.LIST_WITH_KEY,
    wire.SEARCH,
    wire.DELETE_WITH_KEY,
)
"""What this server can do beyond what every confab-web can."""


class AboutApi:
    """The routes that need no session."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(wire.VALIDATE, self.validate, methods=["GET"]),
            Route(wire.CAPABILITIES, self.capabilities, methods=["GET"]),
            Route(wire.VERSION, self.version, methods=["GET"]),
            Route(wire.HEALTH, self.health, methods=["GET"]),
        ]

    async def validate(self, request: Request) -> Response:
        """Whose key this is."""
        user = await self._access.by_key(request)
        self._services.rates.validate.take(self._services.site.address_of(request))
        return as_json({"valid": True, "user_id": user.id, "email": user.email, "name": user.name})

    async def capabilities(self, request: Request) -> Response:
        """The map of what this server can do; who asks does not matter."""
        return as_json(dict.fromkeys(ADVERTISED, True))

    async def version(self, request: Request) -> Response:
        """Which program this is; there is no Go in it."""
        return as_json({"version": __version__, "go_version": ""})

    async def health(self, request: Request) -> Response:
        """That requests are answered, and the store can be read."""
        await self._services.pool.run(lambda store: store.accounts.is_new(0))
        return as_json({"status": "ok"})
