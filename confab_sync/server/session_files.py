"""A session taken away as files: as it is stored, or as Markdown to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse
from starlette.routing import Route

from confab_sync.claude.conversation import called_agents, entries
from confab_sync.claude.markdown import Heading, MarkdownWriter, Style, title
from confab_sync.server.access import Access
from confab_sync.server.reading import FileReader
from confab_sync.server.transcript.opened import looked_up, opened
from confab_sync.server.views import text_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.claude.conversation import Entry
    from confab_sync.server.services import Services
    from confab_sync.server.transcript.opened import Opened
    from confab_sync.store.files import FileRow
    from confab_sync.store.store import Store
    from confab_sync.store.users import User

_DEEPEST = 5
"""The level of headings at which subagents of subagents are only named."""


class SessionFiles:
    """The routes of what is saved to a disk."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._reader = FileReader(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        one = "/sessions/{session_id}"
        return [
            Route(one + "/transcript.jsonl", self.raw, methods=["GET"]),
            Route(one + "/conversation.md", self.markdown, methods=["GET"]),
        ]

    async def raw(self, request: Request) -> Response:
        """A file as it is stored, by default the session's own transcript."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        found, _ = await self._opened(request, user)
        return await self._reader.answer(user, found.session_id, found.name, is_download=True)

    async def markdown(self, request: Request) -> Response:
        """The conversation as a person reads it, subagents below the lines that called them."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        found, heading = await self._opened(request, user)
        name = "".join(c if c.isalnum() and c.isascii() else "-" for c in heading.external_id)
        headers = {
            "Content-Disposition": f'attachment; filename="{name[:80]}.md"',
            "Cache-Control": "no-store",
        }
        return StreamingResponse(
            self._document(user, found, heading),
            media_type="text/markdown; charset=utf-8",
            headers=headers,
        )

    async def _opened(self, request: Request, user: User) -> tuple[Opened, Heading]:
        spelled, name = request.path_params["session_id"], request.query_params.get("file", "")

        def work(store: Store) -> tuple[Opened, Heading]:
            sessions = store.sessions_of(user.id)
            found = opened(sessions, spelled, name)
            session = sessions.find(found.session_id)
            told = session.summary or session.first_user_message or ""
            branch = text_in(session.git_info, "branch") or ""
            return found, Heading(session.external_id, told, session.cwd or "", branch)

        return await looked_up(self._services, work)

    async def _document(self, user: User, found: Opened, heading: Heading) -> AsyncIterator[bytes]:
        for paragraph in title(heading):
            yield _bytes(paragraph)
        told: set[str] = set()
        async for paragraph in self._conversation(user, found, found.file, 2, told):
            yield _bytes(paragraph)
        for agent in found.agents:
            if agent not in told:
                yield _bytes(f"## Subagent {agent}")
                async for paragraph in self._agent(user, found, agent, 3, told):
                    yield _bytes(paragraph)

    async def _conversation(
        self, user: User, found: Opened, file: FileRow, level: int, told: set[str]
    ) -> AsyncIterator[str]:
        writer = MarkdownWriter(Style(), level)
        async for entry in self._entries(user, file):
            for paragraph in writer.write(entry):
                yield paragraph
            for agent in called_agents(entry):
                if agent in found.agents and agent not in told and level < _DEEPEST:
                    yield f"{'#' * (level + 1)} Subagent {agent}"
                    async for paragraph in self._agent(user, found, agent, level + 2, told):
                        yield paragraph

    async def _agent(
        self, user: User, found: Opened, agent: str, level: int, told: set[str]
    ) -> AsyncIterator[str]:
        told.add(agent)
        name = found.agents[agent]
        file = await looked_up(
            self._services,
            lambda store: store.sessions_of(user.id).find_file(found.session_id, name),
        )
        if file is not None:
            async for paragraph in self._conversation(user, found, file, min(level, 6), told):
                yield paragraph

    async def _entries(self, user: User, file: FileRow) -> AsyncIterator[Entry]:
        """The conversation in a file, of which one piece is in memory at a time."""
        reading = _Reading(user.id, file)
        while not reading.is_done:
            for entry in await self._services.pool.run(reading.go_on):
                yield entry


class _Reading:
    """How far a file has been read; one piece and one unfinished line are in memory."""

    def __init__(self, user: int, file: FileRow) -> None:
        self._user = user
        self._file = file
        self._position = 0
        self._line = 1
        self._rest: list[bytes] = []

    @property
    def is_done(self) -> bool:
        return self._position >= self._file.bytes

    def go_on(self, store: Store) -> list[Entry]:
        """The conversation in the lines that end in the next piece."""
        piece = store.sessions_of(self._user).piece(self._file, self._position)
        self._position += len(piece)
        first, *others = piece.split(b"\n")
        self._rest.append(first)
        if not others and not self.is_done:
            return []
        lines = [b"".join(self._rest), *others]
        self._rest = [] if self.is_done else [lines.pop()]
        found = list(entries(lines, self._line))
        self._line += len(lines)
        return found


def _bytes(paragraph: str) -> bytes:
    return f"{paragraph}\n\n".encode("utf-8", "replace")
