"""Puts the server's parts together into one ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server.about import AboutApi
from confab_sync.server.answers import as_json, as_text, empty, refused
from confab_sync.server.device import DeviceApi
from confab_sync.server.guard import Guard
from confab_sync.server.links import LinkApi
from confab_sync.server.listing import ListApi
from confab_sync.server.pages import Pages
from confab_sync.server.search import SearchApi
from confab_sync.server.sessions import SessionApi
from confab_sync.server.side_files import SideFileApi
from confab_sync.server.sync import SyncApi

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from confab_sync.server.services import Services

_PARTS = (
    AboutApi,
    SyncApi,
    SideFileApi,
    ListApi,
    SearchApi,
    SessionApi,
    LinkApi,
    DeviceApi,
    Pages,
)


def application(services: Services) -> ASGIApp:
    """The whole server but its socket."""
    app = Starlette(
        routes=[route for part in _PARTS for route in part(services).routes()],
        exception_handlers={
            RequestRefused: _refused,
            HTTPException: _by_router,
            Exception: _failed,
        },
    )
    app.router.redirect_slashes = False  # a trailing slash is another route (contract §1.1)
    return Guard(app, services)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRefused)  # noqa: S101 - it was registered for these
    return refused(error)


async def _by_router(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it was registered for these
    if error.status_code == 404:
        return as_text(wire.ROUTE_NOT_FOUND, 404)
    return empty(error.status_code, error.headers)


async def _failed(_request: Request, _error: Exception) -> Response:
    return as_json({"error": wire.FAILED}, 500)
