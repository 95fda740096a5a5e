"""Deleting a session on the pages: a question first, then what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse
from starlette.routing import Route

from confab_sync import wire
from confab_sync.claude.visible import visible
from confab_sync.errors import RequestRefused
from confab_sync.server.access import Access
from confab_sync.server.answers import refusal
from confab_sync.server.ids import public_id
from confab_sync.server.transcript.opened import looked_up

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services


class SessionDeletion:
    """The routes of the question and of the deed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        place = "/sessions/{session_id}/delete"
        return [
            Route(place, self.ask, methods=["GET"]),
            Route(place, self.delete, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Whether this is the session that is meant."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        session_id = public_id(request.path_params["session_id"])
        shown = await self._services.pool.run(
            lambda store: store.sessions_of(user.id).shown([session_id])
        )
        if not shown:
            raise refusal(404, wire.SESSION_NOT_FOUND)
        return self._templates.page(
            request,
            "session_delete.html",
            user,
            session=shown[0],
            title=visible(shown[0].title) or shown[0].external_id,
            may_delete=user.state != "read_only",
        )

    async def delete(self, request: Request) -> Response:
        """Delete it. Only a page of ours may ask for that, and nobody who may only read."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        if user.state == "read_only":
            raise RequestRefused(
                403, {"error": wire.READ_ONLY_ERROR, "message": wire.READ_ONLY_MESSAGE}
            )
        session_id = public_id(request.path_params["session_id"])
        await looked_up(self._services, lambda store: store.sessions_of(user.id).delete(session_id))
        return RedirectResponse("/sessions?deleted=1", 303)
