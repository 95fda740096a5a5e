"""The parts of a session's page that its script fetches: windows, long texts, pictures, hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from confab_sync import wire
from confab_sync.claude.layout import agent_id
from confab_sync.claude.pictures import picture_data
from confab_sync.claude.visible import visible
from confab_sync.errors import RequestRefused
from confab_sync.server.access import Access
from confab_sync.server.answers import refusal
from confab_sync.server.ids import public_id
from confab_sync.server.transcript.addresses import Addresses
from confab_sync.server.transcript.lines import read_lines
from confab_sync.server.transcript.opened import looked_up, opened
from confab_sync.server.transcript.speech import Speech
from confab_sync.server.transcript.texts import block_text
from confab_sync.server.transcript.windows import windows
from confab_sync.store.snippets import snippet

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from starlette.requests import Request

    from confab_sync.server.services import Services
    from confab_sync.server.transcript.parts import Said
    from confab_sync.store.store import Store
    from confab_sync.store.users import User

    T = TypeVar("T")

MOST_LINES = 400
"""Lines that are read at once, whoever asks."""

BLOCK = 400_000
"""Characters of a long text that are fetched at once."""

_SNIPPET = 120
_FOR_A_MINUTE = {"Cache-Control": "private, max-age=60"}
"""A picture may be scrolled past and back to, but has no place in a browser for long."""


class SessionParts:
    """The routes of the parts; each is read anew and shows nobody what is another's."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        one = "/pages/sessions/{session_id}"
        return [
            Route(one + "/lines", self.lines, methods=["GET"]),
            Route(one + "/branch", self.branch, methods=["GET"]),
            Route(one + "/block", self.block, methods=["GET"]),
            Route(one + "/picture", self.picture, methods=["GET"]),
            Route(one + "/raw", self.raw, methods=["GET"]),
            Route(one + "/find", self.find, methods=["GET"]),
        ]

    async def lines(self, request: Request) -> Response:
        """What is said in some lines of a file."""
        user = await self._access.signed_in(request)
        first, last = number(request, "from", 1), number(request, "to", 1)
        said = await self._said(request, user, first, min(last, first + MOST_LINES - 1))
        return self._templates.fragment("session_lines.html", said=said)

    async def branch(self, request: Request) -> Response:
        """The beginning of a subagent's conversation, to stand where it was called."""
        user = await self._access.signed_in(request)
        agent = request.query_params.get("agent", "")
        prefix = "A" + "".join(c for c in agent if c.isalnum() and c.isascii())[:40] + "-"

        def work(store: Store) -> tuple[list[Said], Addresses, int, int]:
            sessions = store.sessions_of(user.id)
            found = opened(sessions, request.path_params["session_id"], agent=agent)
            cut = windows(sessions.rows(found.file), found.lines)
            last = cut[0].last if cut else 0
            speech = Speech(found.addresses, found.agents.keys(), prefix)
            said = speech.read(read_lines(sessions, found.file, 1, last))
            return said, found.addresses, last, found.lines

        said, addresses, last, lines = await looked_up(self._services, work)
        return self._templates.fragment(
            "session_branch.html",
            said=said,
            rest=max(0, lines - last),
            page=addresses.agent(agent),
        )

    async def block(self, request: Request) -> Response:
        """The rest of a long text, or so much of it as is shown at once."""
        start, block = number(request, "start"), number(request, "block")
        text = await self._of_line(request, lambda line: block_text(line, block))
        part = text[start : start + BLOCK]
        following = start + len(part)
        address = ""
        if following < len(text):
            addresses = Addresses(request.path_params["session_id"], _file(request))
            address = addresses.block(number(request, "line"), block, following)
        return self._templates.fragment(
            "session_block.html",
            text=visible(part),
            rest=address,
            left=len(text) - following,
        )

    async def picture(self, request: Request) -> Response:
        """A picture; anything else in its place is 404."""
        place = number(request, "number")
        found = await self._of_line(request, lambda line: picture_data(line, place))
        if found is None:
            raise refusal(404, wire.FILE_NOT_FOUND)
        picture, data = found
        return Response(data, media_type=picture.media_type, headers=_FOR_A_MINUTE)

    async def raw(self, request: Request) -> Response:
        """A line as it is stored, as plain text."""
        data = await self._of_line(request, lambda line: line)
        headers = {"Content-Type": wire.TEXT_TYPE, "Cache-Control": "no-store"}
        return Response(data + b"\n", headers=headers)

    async def find(self, request: Request) -> Response:
        """Where words are said in the session."""
        user = await self._access.signed_in(request)
        session_id = public_id(request.path_params["session_id"])
        text, own = request.query_params.get("q", ""), _file(request)
        if not text.strip() or len(text) > wire.MAX_QUERY:
            return self._templates.fragment("session_hits.html", hits=(), text="", is_whole=True)
        try:
            found, asked, is_whole = await self._services.searching.within(
                user.id, text, session_id
            )
        except RequestRefused as error:
            if error.status == 403:
                raise refusal(404, wire.SESSION_NOT_FOUND) from None
            if error.status != 400:
                raise
            return self._templates.fragment("session_hits.html", hits=(), text=text, is_whole=True)
        hits = [
            {
                "agent": "" if each.file == own else agent_id(each.file),
                "line": each.passage.line,
                "role": each.passage.role,
                "pieces": snippet(each.passage.text, asked.texts, _SNIPPET),
                "address": Addresses(session_id, each.file).page,
            }
            for each in found
        ]
        return self._templates.fragment(
            "session_hits.html", hits=hits, text=text, is_whole=is_whole
        )

    async def _said(self, request: Request, user: User, first: int, last: int) -> list[Said]:
        def work(store: Store) -> list[Said]:
            sessions = store.sessions_of(user.id)
            found = opened(sessions, request.path_params["session_id"], _file(request))
            speech = Speech(found.addresses, found.agents.keys())
            return speech.read(read_lines(sessions, found.file, first, min(last, found.lines)))

        return await looked_up(self._services, work)

    async def _of_line(self, request: Request, make: Callable[[bytes], T]) -> T:
        """What `make`, which may take long, makes of one line of a file.

        404 where there is none, or one that is too long.
        """
        user, wanted = await self._access.signed_in(request), number(request, "line")

        def work(store: Store) -> T:
            sessions = store.sessions_of(user.id)
            found = opened(sessions, request.path_params["session_id"], _file(request))
            if 0 < wanted <= found.lines:
                for line in read_lines(sessions, found.file, wanted, wanted):
                    if line.data is not None:
                        return make(line.data)
            raise refusal(404, wire.FILE_NOT_FOUND)

        return await looked_up(self._services, work)


def number(request: Request, name: str, default: int = 0) -> int:
    """A whole number of the query; `RequestRefused` with 400 for what is none."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise refusal(400, f"{name} must be a whole number")
    return int(text)


def _file(request: Request) -> str:
    return request.query_params.get("file", "")
