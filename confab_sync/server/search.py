"""Search of the full text: an extension of our own (`wire.SEARCH_ROUTE`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import wire
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json, refusal
from confab_sync.server.fields import require
from confab_sync.server.moments import parsed, text_of
from confab_sync.server.views import present
from confab_sync.store.search import is_in
from confab_sync.store.snippets import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.index import Found
    from confab_sync.store.search import Hit
    from confab_sync.store.values import StoredSession

PAGE_SIZE = 20
LONGEST_EXCERPT = 1000
"""Characters of a passage that are told."""

LONGEST_TITLE = 200
_FURTHEST = 100_000
_MOST_PROJECTS = 10


class SearchApi:
    """The route of the search."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The route, to be put into an application."""
        return [Route(wire.SEARCH_ROUTE, self.search, methods=["GET"])]

    async def search(self, request: Request) -> Response:
        """One page of the sessions of the key's user in which something was said."""
        user = await self._access.by_key_or_cookie(request)
        self._services.rates.read.take(user.id)
        query = request.query_params
        text = query.get("q", "")
        require("q", text)
        if len(text.encode("utf-8", "replace")) > wire.MAX_QUERY:
            raise refusal(400, wire.FIELD_TOO_LONG.format(field="q", limit=wire.MAX_QUERY))
        limit = _number(query, "limit", PAGE_SIZE, 1, wire.MAX_SEARCH_LIMIT)
        offset = _number(query, "offset", 0, 0, _FURTHEST)
        found = await self._services.searching.find(user.id, text, _filter(query), limit, offset)
        texts = found.question.texts
        return as_json(
            {
                "sessions": [_item(hit, texts) for hit in found.results.hits],
                "total": found.results.total,
                "is_all": found.results.is_all,
                "is_up_to_date": found.is_up_to_date,
            }
        )


def _item(hit: Hit, texts: Sequence[str]) -> dict[str, object]:
    session = hit.session
    title = session.summary or session.first_user_message or ""
    return present(
        {
            "id": session.session_id,
            "external_id": session.external_id,
            "provider": session.provider,
            "cwd": session.cwd,
            "title": " ".join(title.split())[:LONGEST_TITLE],
            "last_message_at": text_of(session.last_message_at or session.last_sync_at),
            "matches": hit.count,
            "passages": [_passage(found, texts) for found in hit.passages],
        }
    )


def _passage(found: Found, texts: Sequence[str]) -> dict[str, object]:
    passage = found.passage
    return present(
        {
            "file_name": found.file,
            "line": passage.line,
            "role": passage.role,
            "timestamp": passage.moment,
            "text": excerpt(passage.text, texts, LONGEST_EXCERPT),
        }
    )


def _filter(query: QueryParams) -> Callable[[StoredSession], bool]:
    places = query.getlist("project")
    if len(places) > _MOST_PROJECTS:
        raise refusal(400, f"project may be there at most {_MOST_PROJECTS} times")
    since = parsed(query["since"]) if "since" in query else None
    if "since" in query and since is None:
        raise refusal(400, "since must be a moment in RFC 3339")

    def is_wanted(session: StoredSession) -> bool:
        if places and not any(is_in(session.cwd or "", place) for place in places):
            return False
        return since is None or (session.last_message_at or session.last_sync_at) >= since

    return is_wanted


def _number(query: QueryParams, name: str, default: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise refusal(400, f"{name} must be a whole number from {least} to {most}")
    return int(text)
