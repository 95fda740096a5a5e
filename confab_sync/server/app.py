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
from confab_sync.server.failure_pages import FailurePages
from confab_sync.server.guard import Guard
from confab_sync.server.links import LinkApi
from confab_sync.server.listing import ListApi
from confab_sync.server.now_page import NowPage
from confab_sync.server.search import SearchApi
from confab_sync.server.session_deletion import SessionDeletion
from confab_sync.server.session_files import SessionFiles
from confab_sync.server.session_follow import SessionFollow
from confab_sync.server.session_page import SessionPage
from confab_sync.server.session_parts import SessionParts
from confab_sync.server.sessions import SessionApi
from confab_sync.server.sessions_page import SessionsPage
from confab_sync.server.side_files import SideFileApi
from confab_sync.server.signing_in import SignInPages
from confab_sync.server.static_files import StaticFiles
from confab_sync.server.sync import SyncApi
from confab_sync.server.usage_page import UsagePage

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
    SignInPages,
    NowPage,
    UsagePage,
    SessionsPage,
    SessionFiles,
    SessionDeletion,
    SessionFollow,
    SessionParts,
    SessionPage,
    StaticFiles,
)


def application(services: Services) -> ASGIApp:
    """The whole server but its socket."""
    pages = FailurePages(services)

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestRefused)  # noqa: S101 - it was registered for these
        return pages.answer(request, error.status) or refused(error)

    async def miss(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - it was registered for these
        return pages.answer(request, error.status_code) or _by_router(error)

    async def fail(request: Request, _error: Exception) -> Response:
        return pages.answer(request, 500) or as_json({"error": wire.FAILED}, 500)

    app = Starlette(
        routes=[route for part in _PARTS for route in part(services).routes()],
        exception_handlers={RequestRefused: refuse, HTTPException: miss, Exception: fail},
    )
    app.router.redirect_slashes = False  # a trailing slash is another route (contract §1.1)
    return Guard(app, services)


def _by_router(error: HTTPException) -> Response:
    if error.status_code == 404:
        return as_text(wire.ROUTE_NOT_FOUND, 404)
    return empty(error.status_code, error.headers)
