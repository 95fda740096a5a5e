"""Links from sessions to pull requests and commits (contract §2.8)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import wire
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json, refusal
from confab_sync.server.fields import limit, parsed, refuse_nul
from confab_sync.server.ids import public_id
from confab_sync.server.moments import text_of
from confab_sync.server.sessions import hiding
from confab_sync.server.views import present
from confab_sync.store.links import NewLink

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.links import Link

_URL = re.compile(r"https?://github\.com/([^/]+)/([^/]+)/(?:(pull)/([0-9]+)|commit/([0-9a-f]+))")


class LinkApi:
    """The routes of a session's links."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        path = wire.SESSIONS + "/{session_id}/github-links"
        return [
            Route(path, self.listing, methods=["GET"]),
            Route(path, self.put, methods=["POST"]),
        ]

    async def listing(self, request: Request) -> Response:
        """The links of a session, the newest first."""
        user = await self._access.if_known(request)
        if user is None:
            raise refusal(404, wire.SESSION_NOT_FOUND)
        session_id = public_id(request.path_params["session_id"])
        links = await hiding(self._services, user, lambda sessions: sessions.links(session_id))
        return as_json({"links": [_view(link) for link in links]})

    async def put(self, request: Request) -> Response:
        """Keep a link, in place of the one to the same thing."""
        user = await self._access.by_key_or_cookie(request)
        async with self._services.bodies.of(request, wire.SMALL_BODY, wire.INVALID_BODY) as data:
            link = link_request(data)
        session_id = public_id(request.path_params["session_id"])
        kept = await hiding(
            self._services, user, lambda sessions: sessions.put_link(session_id, link)
        )
        return as_json(_view(kept), 201)


def link_request(data: bytes) -> NewLink:
    """The link that a body describes; raises `RequestRefused`."""
    body = parsed(data)
    url, source = body.text("url"), body.text("source")
    title, link_type = body.optional_text("title"), body.text("link_type")
    if not url:
        raise refusal(400, wire.URL_REQUIRED)
    if source not in wire.LINK_SOURCES:
        raise refusal(400, wire.INVALID_LINK_SOURCE)
    match = _URL.match(url)
    if match is None:
        raise refusal(400, wire.INVALID_LINK_URL)
    found = "pull_request" if match[3] else "commit"
    if link_type and link_type != found:
        raise refusal(400, wire.LINK_TYPE_MISMATCH.format(link_type=link_type, url_type=found))
    limit("url", url, wire.MAX_LINK_URL)
    limit("title", title, wire.MAX_LINK_TITLE)
    refuse_nul("url", url)
    refuse_nul("title", title)
    return NewLink(found, url, match[1], match[2], match[4] or match[5], source, title)


def _view(kept: Link) -> dict[str, object]:
    link = kept.link
    return present(
        {
            "id": kept.id,
            "session_id": kept.session_id,
            "link_type": link.type,
            "url": link.url,
            "owner": link.owner,
            "repo": link.repo,
            "ref": link.ref,
            "title": link.title or None,
            "source": link.source,
            "created_at": text_of(kept.created_at),
        }
    )
