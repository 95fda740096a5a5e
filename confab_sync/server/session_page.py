"""The page of one session: what it is, its timeline, and the window one looks at first."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync.claude.deliveries import commit_address, web_address
from confab_sync.claude.markup import is_safe_link
from confab_sync.claude.models import short_name
from confab_sync.claude.visible import visible
from confab_sync.server.access import Access
from confab_sync.server.transcript.lines import read_lines
from confab_sync.server.transcript.opened import agent_labels, looked_up, opened
from confab_sync.server.transcript.outlines import Outlines
from confab_sync.server.transcript.plot import plot
from confab_sync.server.transcript.speech import Speech
from confab_sync.server.transcript.windows import holding, windows
from confab_sync.server.views import repository, text_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.claude.deliveries import Delivery
    from confab_sync.server.services import Services
    from confab_sync.server.transcript.opened import Opened
    from confab_sync.server.transcript.parts import Said
    from confab_sync.server.transcript.windows import Window
    from confab_sync.store.links import Link
    from confab_sync.store.selected import Shown
    from confab_sync.store.store import Store
    from confab_sync.store.users import User

AT_ONCE = 2 * 1024 * 1024
"""Bytes of which the outline is made before the page is sent; of more, a script asks for it."""

_TURNS_SHOWN = 1000
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is read of the store for the page."""

    shown: Shown
    opened: Opened
    git_info: object
    windows: Sequence[Window]
    here: int
    said: Sequence[Said]
    labels: Mapping[str, str]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A commit or a pull request as the page shows it; without an address it is no link."""

    kind: str
    name: str
    title: str
    address: str
    line: int | None


class SessionPage:
    """The page itself and the outline on it; `session_parts` has what scripts fetch."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outlines = Outlines(services.pool)
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route("/sessions/{session_id}", self.page, methods=["GET"]),
            Route("/pages/sessions/{session_id}/outline", self.outline, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """The whole page, with the window of the line that is asked for."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        seen = await self._seen(request, user)
        found = seen.opened
        outline = None
        if self._outlines.missing(found.session_id, found.file) <= AT_ONCE:
            outline = await self._outlined(user, seen)
        shown = seen.shown
        agent = request.query_params.get("agent", "")
        return self._templates.page(
            request,
            "session.html",
            user,
            session=shown,
            title=visible(shown.title) or shown.external_id,
            seen=seen,
            file=found,
            addresses=found.addresses,
            agent=visible(agent),
            agent_label=visible(seen.labels.get(agent, "")),
            repository=_repository(seen.git_info),
            outline=outline,
            command=_command(shown),
            restore=f"confab restore {shown.external_id}" if _is_plain(shown.external_id) else "",
            may_delete=user.state != "read_only",
            visible=visible,
        )

    async def outline(self, request: Request) -> Response:
        """The timeline and what is beside it, for a script."""
        user = await self._access.signed_in(request)
        text = await self._outlined(user, await self._seen(request, user, has_window=False))
        return self._templates.html(text)

    async def _outlined(self, user: User, seen: Seen) -> str:
        found = seen.opened
        async with self._outlines.of(user.id, found.session_id, found.file) as outline:
            tally = outline.tally
            return self._templates.text(
                "session_outline.html",
                outline=outline,
                plot=plot(outline),
                turns=outline.turns[-_TURNS_SHOWN:],
                left_out=max(0, len(outline.turns) - _TURNS_SHOWN),
                seconds=sum(turn.seconds for turn in outline.turns),
                deliveries=_delivered(seen, outline.deliveries),
                tools=outline.tools.most_common(8),
                masked=sorted(outline.masked.items()),
                models=list(dict.fromkeys(visible(short_name(model)) for model in tally.models)),
                agents=[
                    (visible(name), visible(seen.labels.get(name, "")), found.addresses.agent(name))
                    for name in found.agents
                ],
                addresses=found.addresses,
                visible=visible,
            )

    async def _seen(self, request: Request, user: User, *, has_window: bool = True) -> Seen:
        spelled, query = request.path_params["session_id"], request.query_params
        line = _number(query.get("line", ""))

        def work(store: Store) -> Seen:
            sessions = store.sessions_of(user.id)
            found = opened(sessions, spelled, query.get("file", ""), query.get("agent", ""))
            (shown,) = sessions.shown([found.session_id])
            cut = windows(sessions.rows(found.file), found.lines) if has_window else []
            here = holding(cut, line or (found.lines if shown.state == "live" else 1))
            said: Sequence[Said] = ()
            if cut:
                lines = read_lines(sessions, found.file, cut[here].first, cut[here].last)
                said = Speech(found.addresses, found.agents.keys()).read(lines)
            return Seen(
                shown,
                found,
                sessions.find(found.session_id).git_info,
                cut,
                here,
                said,
                agent_labels(sessions, found),
                sessions.links(found.session_id),
            )

        return await looked_up(self._services, work)


def _delivered(seen: Seen, told: Sequence[Delivery]) -> list[Delivered]:
    """What the transcript tells and what clients linked, each thing once."""
    url = text_in(seen.git_info, "repo_url") or ""
    found = [
        Delivered(
            each.kind,
            visible(each.name[:10] if each.kind == "commit" else each.name),
            visible(each.title),
            _address(each, url),
            each.line,
        )
        for each in told
    ]
    known = {each.address for each in found}
    for link in seen.links:
        address = link.link.url if is_safe_link(link.link.url) else ""
        if address not in known:
            kind = link.link.type.replace("_", " ")
            name = f"#{link.link.ref}" if kind == "pull request" else link.link.ref[:10]
            found.append(
                Delivered(kind, visible(name), visible(link.link.title or ""), address, None)
            )
    return found


def _address(told: Delivery, repository_url: str) -> str:
    if told.kind == "commit":
        return commit_address(repository_url, told.name)
    return told.url if is_safe_link(told.url) else ""


def _repository(git_info: object) -> tuple[str, str] | None:
    """The name of the repository, and its page where that is known."""
    name, url = repository(git_info), text_in(git_info, "repo_url") or ""
    # Of git@host:owner/name the last part.
    return None if name is None else (visible(name.rpartition(":")[2]), web_address(url))


def _command(shown: Shown) -> str:
    """How the session is taken up again, where it was; empty for an id no shell should see."""
    if not _is_plain(shown.external_id):
        return ""
    resume = f"claude --resume {shown.external_id}"
    place = shown.cwd or ""
    return f"cd {shlex.quote(place)} && {resume}" if place and place.isprintable() else resume


def _is_plain(external_id: str) -> bool:
    return _PLAIN_ID.fullmatch(external_id) is not None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
