"""The routes of scripts and style sheets, which browsers may keep for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server.assets import PREFIX

if TYPE_CHECKING:
    from starlette.requests import Request

    from confab_sync.server.services import Services

_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


class StaticFiles:
    """Answers with the package's own files, and with nothing else."""

    def __init__(self, services: Services) -> None:
        self._by_path = {asset.path: asset for asset in services.assets.values()}

    def routes(self) -> list[Route]:
        """The route, to be put into an application."""
        return [Route(PREFIX + "/{digest}/{name}", self.file, methods=["GET"])]

    async def file(self, request: Request) -> Response:
        """One file; under the digest of other content there is none."""
        asset = self._by_path.get(request.url.path)
        if asset is None:
            raise RequestRefused(404, wire.ROUTE_NOT_FOUND)
        return Response(asset.data, headers={**_FOR_GOOD, "Content-Type": asset.media_type})
