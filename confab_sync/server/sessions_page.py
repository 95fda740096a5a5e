"""The page on which a person finds sessions."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import Route

from confab_sync.claude.layout import agent_id
from confab_sync.claude.visible import visible
from confab_sync.errors import RequestRefused
from confab_sync.server.access import Access
from confab_sync.server.sessions_query import PAGE_SIZE, SessionsQuery
from confab_sync.server.zones import zone_of
from confab_sync.store.snippets import snippet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.index import Found
    from confab_sync.store.selected import Choices, Selection, Shown
    from confab_sync.store.store import Store
    from confab_sync.store.users import User

_ID = re.compile(r"[0-9a-fA-F-]{6,64}")
_SNIPPET = 220


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage as a list shows it: where it is, who said it, and its words."""

    address: str
    role: str
    line: int
    is_agent: bool
    pieces: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Row:
    """A session in the list, with where the words were said in it."""

    session: Shown
    count: int = 0
    snippets: Sequence[Snippet] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list shows: some rows, of how many, and whether that is certain."""

    rows: Sequence[Row]
    total: int
    bytes: int | None = None
    is_all: bool = True
    is_up_to_date: bool = True
    complaint: str = ""


class SessionsPage:
    """The list, narrowed by plain forms: its address is all of its state."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [Route("/sessions", self.page, methods=["GET"])]

    async def page(self, request: Request) -> Response:
        """The whole page."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        query = SessionsQuery.of(request.query_params, zone_of(request))
        listing, choices = await asyncio.gather(
            self._searched(user, query) if query.text else self._listed(user, query),
            self._services.pool.run(lambda store: store.sessions_of(user.id).choices()),
        )
        return self._templates.page(
            request,
            "sessions.html",
            user,
            query=query,
            listing=listing,
            choices=choices,
            filters=_filters(query, choices),
            pages=-(-listing.total // PAGE_SIZE),
            first=query.offset + 1,
            was_deleted=request.query_params.get("deleted") == "1",
            visible=visible,
            base_url=self._services.site.base_url(request),
        )

    async def _listed(self, user: User, query: SessionsQuery) -> Listing:
        def work(store: Store) -> Selection:
            return store.sessions_of(user.id).select(
                query.wanted,
                order=query.order,
                descending=query.descending,
                limit=PAGE_SIZE,
                offset=query.offset,
            )

        found = await self._services.pool.run(work)
        return Listing([Row(session) for session in found.sessions], found.total, found.bytes)

    async def _searched(self, user: User, query: SessionsQuery) -> Listing:
        """The sessions in which the words were said, and those whose id they begin."""
        pool, named = self._services.pool, []
        if _ID.fullmatch(query.text) and query.page == 1:
            ids = await pool.run(
                lambda store: store.sessions_of(user.id).beginning_with(query.text)
            )
            named = [Row(each) for each in await self._shown(user, ids)]
        try:
            places, asked, is_up_to_date = await self._services.searching.places(
                user.id, query.text, query.wanted, PAGE_SIZE, query.offset
            )
        except RequestRefused as error:
            if error.status != 400:
                raise
            return Listing(named, len(named), complaint="There is no word to look for in this.")
        by_id = {
            each.session_id: each
            for each in await self._shown(user, [each.session_id for each in places.places])
        }
        known = {row.session.session_id for row in named}
        rows = [
            Row(
                by_id[place.session_id],
                place.count,
                [_snippet(found, asked.texts) for found in place.passages],
            )
            for place in places.places
            if place.session_id in by_id and place.session_id not in known
        ]
        total = places.total + len(named)
        return Listing([*named, *rows], total, None, places.is_all, is_up_to_date)

    async def _shown(self, user: User, session_ids: Sequence[str]) -> Sequence[Shown]:
        return await self._services.pool.run(
            lambda store: store.sessions_of(user.id).shown(session_ids)
        )


def _snippet(found: Found, wanted: Sequence[str]) -> Snippet:
    line, own = found.passage.line, found.file.rpartition("/")[2]
    is_agent = own.startswith("agent-")
    query = {"agent": agent_id(own), "line": line} if is_agent else {"line": line}
    return Snippet(
        f"/sessions/{found.session_id}?{urlencode(query)}#L{line}",
        found.passage.role,
        line,
        is_agent,
        snippet(found.passage.text, wanted, _SNIPPET),
    )


def _filters(
    query: SessionsQuery, choices: Choices
) -> list[tuple[str, str, str, Sequence[tuple[str, int]]]]:
    """Each filter that is a choice: its name in the address, its label, its value, its choices."""
    return [
        ("project", "Project", query.project, choices.projects),
        ("branch", "Branch", query.branch, choices.branches),
        ("machine", "Machine", query.machine, choices.machines),
        ("user", "User", query.user, choices.users),
    ]
