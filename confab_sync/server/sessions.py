"""One session as it is read, named and deleted (contract §2.7, §2.9, §2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import wire
from confab_sync.claude.condensed import condense
from confab_sync.errors import RequestRefused
from confab_sync.server import views
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json, refusal
from confab_sync.server.fields import limit, parsed, refuse_nul
from confab_sync.server.ids import public_id
from confab_sync.server.reading import FileReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.user_sessions import UserSessions
    from confab_sync.store.users import User

    T = TypeVar("T")

_ONE = wire.SESSIONS + "/{session_id}"


class SessionApi:
    """The routes of one session; the files themselves are streamed by `FileReader`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._reader = FileReader(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(wire.SESSIONS + "/by-external-id/{external_id}", self.by_external_id),
            Route(wire.SESSIONS + "/{external_id}/summary", self.summary, methods=["PATCH"]),
            Route(_ONE, self.detail, methods=["GET"]),
            Route(_ONE, self.delete, methods=["DELETE"]),
            Route(_ONE + "/files", self.files),
            Route(_ONE + "/files/download", self.download),
            Route(_ONE + "/sync/file", self.sync_file),
            Route(_ONE + "/condensed-transcript", self.condensed),
        ]

    async def detail(self, request: Request) -> Response:
        """Everything about a session but the content of its files."""
        user = await self._known(request)

        def work(sessions: UserSessions) -> dict[str, object]:
            session_id = public_id(request.path_params["session_id"])
            return views.detail(sessions.find(session_id), sessions.files(session_id), user.email)

        return as_json(await self._hidden(user, work))

    async def files(self, request: Request) -> Response:
        """The files of a session and how far each is stored."""
        user = await self._reader_of(request)

        def work(sessions: UserSessions) -> object:
            return views.files(sessions.files(public_id(request.path_params["session_id"])))

        return as_json({"files": await self._hidden(user, work)})

    async def download(self, request: Request) -> Response:
        """A whole file."""
        user = await self._reader_of(request)
        name = request.query_params.get("file_name", "")
        if not name:
            raise refusal(400, wire.FILE_NAME_MISSING)
        session_id = public_id(request.path_params["session_id"])
        return await self._reader.answer(user, session_id, name, is_download=True)

    async def sync_file(self, request: Request) -> Response:
        """A file from some line on."""
        user = await self._access.if_known(request)
        name = request.query_params.get("file_name", "")
        if not name:
            raise refusal(400, wire.FILE_NAME_REQUIRED)
        offset = _offset(request.query_params.get("line_offset", ""))
        if user is None:
            raise refusal(404, wire.SESSION_NOT_FOUND)
        session_id = public_id(request.path_params["session_id"])
        return await self._reader.answer(user, session_id, name, line_offset=offset)

    async def condensed(self, request: Request) -> Response:
        """What was said in a session, without the rest."""
        user = await self._reader_of(request)
        max_chars = _max_chars(request.query_params.get("max_chars"))

        def work(sessions: UserSessions) -> object:
            session_id = public_id(request.path_params["session_id"])
            session, files = sessions.find(session_id), sessions.files(session_id)
            if all(file.file_type != wire.TRANSCRIPT for file in files):
                raise refusal(404, wire.NO_TRANSCRIPT)
            # Types are in descending order: the transcript comes before the agents.
            told = [f for f in files if f.file_type in (wire.TRANSCRIPT, wire.AGENT)]
            contents = (sessions.whole(session_id, file.name) for file in told)
            text = condense(contents, max_chars)
            lines = sum(file.lines for file in told)
            return {"metadata": views.condensed_metadata(session, lines), "transcript": text}

        return as_json(await self._hidden(user, work))

    async def by_external_id(self, request: Request) -> Response:
        """The id of one's own session with this external id."""
        user = await self._access.by_key_or_cookie(request)
        external_id = request.path_params["external_id"]
        found = await self._hidden(user, lambda sessions: sessions.find_external(external_id))
        return as_json({"session_id": found})

    async def summary(self, request: Request) -> Response:
        """Give one's sessions with this external id a summary."""
        user = await self._access.by_key(request)
        external_id = request.path_params["external_id"]
        async with self._services.bodies.of(request, wire.SMALL_BODY, wire.INVALID_BODY) as data:
            text = parsed(data).text("summary")
        limit("summary", text, wire.MAX_SUMMARY)
        refuse_nul("summary", text)
        await self._services.pool.run(
            lambda store: store.sessions_of(user.id).set_summary(external_id, text)
        )
        return as_json({"status": "ok"})

    async def delete(self, request: Request) -> Response:
        """Remove a session; a key may do this here, too (`wire.DELETE_WITH_KEY`)."""
        user = await self._access.by_key_or_cookie(request)
        session_id = public_id(request.path_params["session_id"])
        await self._services.pool.run(lambda store: store.sessions_of(user.id).delete(session_id))
        return as_json({"success": True, "session_id": session_id, "message": wire.SESSION_DELETED})

    async def _known(self, request: Request) -> User:
        """Whoever may see something; nobody else learns whether a session exists."""
        user = await self._access.if_known(request)
        if user is None:
            raise refusal(404, wire.SESSION_NOT_FOUND)
        return user

    async def _reader_of(self, request: Request) -> User:
        user = await self._access.by_key(request)
        self._services.rates.read.take(user.id)
        return user

    async def _hidden(self, user: User, work: Callable[[UserSessions], T]) -> T:
        """The result of `work`; another user's session is as if it was not (contract §3.7)."""
        return await hiding(self._services, user, work)


async def hiding(services: Services, user: User, work: Callable[[UserSessions], T]) -> T:
    """What `work` makes of a user's sessions; foreign ones are unknown ones (contract §3.7)."""
    try:
        return await services.pool.run(lambda store: work(store.sessions_of(user.id)))
    except RequestRefused as error:
        if error.status == 403:
            raise refusal(404, wire.SESSION_NOT_FOUND) from None
        raise


def _offset(text: str) -> int:
    digits = text.removeprefix("-").removeprefix("+") if text[:1] in "+-" else text
    if not text:
        return 0
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise refusal(400, wire.OFFSET_NOT_AN_INTEGER)
    if text.startswith("-") and int(digits):
        raise refusal(400, wire.OFFSET_NEGATIVE)
    return int(digits)


def _max_chars(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18 or not int(text):
        raise refusal(400, wire.MAX_CHARS_NOT_POSITIVE)
    return int(text)
