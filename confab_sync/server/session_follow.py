"""What is added to a transcript while its page is open, sent as it is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync.errors import RequestRefused
from confab_sync.server.access import Access
from confab_sync.server.event_stream import stream
from confab_sync.server.session_parts import number
from confab_sync.server.transcript.lines import read_lines
from confab_sync.server.transcript.opened import looked_up, opened
from confab_sync.server.transcript.speech import Speech

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.server.transcript.parts import Said
    from confab_sync.store.store import Store

MOST_LINES = 200
"""New lines that are sent with what they say; of more, only their number is told."""


class SessionFollow:
    """The stream behind an open page."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The route, to be put into an application."""
        return [Route("/pages/sessions/{session_id}/follow", self.follow, methods=["GET"])]

    async def follow(self, request: Request) -> Response:
        """Tell of each line behind `after`: its numbers, what it says, the session's state.

        A page that is of another generation than what is stored now is told to begin anew.
        """
        user = await self._access.signed_in(request)
        after, generation = number(request, "after"), number(request, "generation", 1)
        spelled, name = request.path_params["session_id"], request.query_params.get("file", "")
        told: dict[str, object] = {}

        def work(store: Store) -> tuple[dict[str, object], list[Said] | None]:
            sessions = store.sessions_of(user.id)
            found = opened(sessions, spelled, name)
            (shown,) = sessions.shown([found.session_id])
            state: dict[str, object] = {"state": shown.state, "lines": found.lines}
            if found.file.position.generation != generation or found.lines < after:
                return {**state, "restart": True}, None
            if not 0 < found.lines - after <= MOST_LINES:
                return state, None
            speech = Speech(found.addresses, found.agents.keys())
            return state, speech.read(read_lines(sessions, found.file, after + 1, found.lines))

        async def news() -> str | None:
            nonlocal after, told
            try:
                now, said = await looked_up(self._services, work)
            except RequestRefused as error:
                if error.status != 404:
                    raise
                now, said = {"gone": True}, None
            if now == told:
                return None
            told = now
            html = "" if said is None else self._templates.text("session_lines.html", said=said)
            sent = {**now, "from": after + 1, "html": html}
            if "lines" in now and "restart" not in now:
                after = int(str(now["lines"]))
            return json.dumps(sent, separators=(",", ":"))

        return stream(self._services, request, user, news)
