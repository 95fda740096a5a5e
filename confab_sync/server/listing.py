"""The list of a user's sessions, filtered and in pages (contract §2.9)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import wire
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json, refusal
from confab_sync.server.moments import text_of
from confab_sync.server.views import live, present, repository, text_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.links import Link
    from confab_sync.store.store import Store
    from confab_sync.store.values import StoredSession

    Links = Mapping[str, Sequence[Link]]

PAGE_SIZE = 50
_MAX_VALUES = 50
_MAX_VALUE = 512


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; an empty set or text does not narrow it."""

    repos: frozenset[str]
    branches: frozenset[str]
    owners: frozenset[str]
    pull_requests: frozenset[str]
    providers: frozenset[str]
    text: str

    @classmethod
    def of(cls, query: QueryParams) -> Filters:
        """The filters in a query; raises `RequestRefused` for absurd ones."""
        text = query.get("q", "")
        if len(text.encode("utf-8", "replace")) > wire.MAX_QUERY:
            raise refusal(400, wire.FIELD_TOO_LONG.format(field="q", limit=wire.MAX_QUERY))
        return cls(
            repos=_values(query, "repo"),
            branches=_values(query, "branch"),
            owners=_values(query, "owner"),
            pull_requests=_values(query, "pr"),
            providers=_values(query, "provider"),
            text=text.strip().lower(),
        )

    def admit(self, session: StoredSession, links: Sequence[Link], email: str) -> bool:
        """Whether a session belongs into the list."""
        numbers = {link.link.ref for link in links if link.link.type == "pull_request"}
        said = f"{session.summary or ''}\n{session.first_user_message or ''}".lower()
        return (
            (not self.repos or repository(session.git_info) in self.repos)
            and (not self.branches or text_in(session.git_info, "branch") in self.branches)
            and (not self.owners or email in self.owners)
            and (not self.pull_requests or bool(numbers & self.pull_requests))
            and (not self.providers or session.provider in self.providers)
            and (not self.text or self.text in said or self.text in session.external_id.lower())
        )


class ListApi:
    """The route of the list."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The route, to be put into an application."""
        return [Route(wire.SESSIONS, self.listing, methods=["GET"])]

    async def listing(self, request: Request) -> Response:
        """One page; a key may ask for it here, too (`wire.LIST_WITH_KEY`)."""
        user = await self._access.by_key_or_cookie(request)
        filters = Filters.of(request.query_params)
        cursor = _read_cursor(request.query_params.get("cursor", ""))

        def work(store: Store) -> dict[str, object]:
            sessions = store.sessions_of(user.id)
            return page(sessions.listing(), sessions.all_links(), filters, cursor, user.email)

        return as_json(await self._services.pool.run(work))


def page(
    listing: Sequence[StoredSession],
    links: Links,
    filters: Filters,
    cursor: tuple[str, str] | None,
    email: str,
) -> dict[str, object]:
    """One page of the sessions that have lines and something to be known by (contract §2.9)."""
    shown = [s for s in listing if s.lines and (s.summary, s.first_user_message) != (None, None)]
    found = [s for s in shown if filters.admit(s, links.get(s.session_id, ()), email)]
    found.sort(key=_place, reverse=True)
    rest = [s for s in found if cursor is None or _place(s) < cursor]
    here = rest[:PAGE_SIZE]
    has_more = len(rest) > PAGE_SIZE
    return present(
        {
            "sessions": [_item(s, links.get(s.session_id, ()), email) for s in here],
            "has_more": has_more,
            "next_cursor": _cursor(_place(here[-1])) if has_more else None,
            "page_size": PAGE_SIZE,
            "filter_options": {
                "repos": sorted({r for s in shown if (r := repository(s.git_info))}),
                "branches": sorted({b for s in shown if (b := text_in(s.git_info, "branch"))}),
                "owners": [email] if shown else [],
                "providers": list(wire.PROVIDERS),
            },
        }
    )


def _item(session: StoredSession, links: Sequence[Link], email: str) -> dict[str, object]:
    refs = {
        kind: [link.link.ref for link in links if link.link.type == kind]
        for kind in wire.LINK_TYPES
    }
    last = session.last_message_at
    return present(
        {
            "id": session.session_id,
            "external_id": session.external_id,
            "first_seen": text_of(session.first_seen),
            "file_count": session.files,
            "last_sync_time": None if last is None else text_of(last),
            "summary": session.summary,
            "first_user_message": session.first_user_message,
            "provider": session.provider,
            "total_lines": session.lines,
            "git_repo": repository(session.git_info),
            "git_repo_url": text_in(session.git_info, "repo_url"),
            "git_branch": text_in(session.git_info, "branch"),
            "github_prs": refs["pull_request"] or None,
            "github_commits": refs["commit"] or None,
            "is_owner": True,
            "access_type": "owner",
            "owner_email": email,
            **live(session),
        }
    )


def _place(session: StoredSession) -> tuple[str, str]:
    """Where a session stands in the list: later ones come first, the id decides among equals."""
    moment = session.last_message_at or session.first_seen
    return moment.astimezone(UTC).isoformat(timespec="microseconds"), session.session_id


def _cursor(place: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(" ".join(place).encode()).decode()


def _read_cursor(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    try:
        moment, _, session_id = base64.urlsafe_b64decode(text).decode("ascii").partition(" ")
        datetime.fromisoformat(moment)
    except (ValueError, binascii.Error):
        raise refusal(400, "invalid cursor") from None
    return moment, session_id


def _values(query: QueryParams, name: str) -> frozenset[str]:
    values = [value for value in query.get(name, "").split(",") if value]
    if len(values) > _MAX_VALUES or any(len(value) > _MAX_VALUE for value in values):
        raise refusal(400, f"{name} has too many or too long values")
    return frozenset(values)
