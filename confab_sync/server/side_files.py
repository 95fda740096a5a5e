"""Files that are kept whole, taken and given back: an extension of our own (`wire.SIDE_FILE`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from confab_sync import wire
from confab_sync.server import bodies
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json, refusal
from confab_sync.server.fields import require
from confab_sync.server.ids import public_id
from confab_sync.server.moments import text_of
from confab_sync.server.sessions import hiding
from confab_sync.server.sync_requests import check_file_name
from confab_sync.store.values import SideFile

if TYPE_CHECKING:
    from starlette.requests import Request

    from confab_sync.server.services import Services
    from confab_sync.store.store import Store

_LATEST = 2**63 - 1
_BELOW = wire.SESSIONS + "/{session_id}/" + wire.SIDE_FILES_BELOW


class SideFileApi:
    """The routes of side files."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(wire.SIDE_FILE, self.put, methods=["POST"]),
            Route(_BELOW, self.listing, methods=["GET"]),
            Route(_BELOW + "/download", self.download, methods=["GET"]),
        ]

    async def put(self, request: Request) -> Response:
        """Keep a side file, in place of its former content."""
        user = await self._access.by_key(request)
        self._services.rates.upload.take(user.id)
        compressed = bodies.is_compressed(request)
        session, name, mtime_ns = _query(request)
        limit = wire.SIDE_FILE_BODY
        longest = bodies.longest_compressed(limit) if compressed else limit
        async with self._services.bodies.of(request, longest, wire.INVALID_BODY) as raw:

            def work(store: Store) -> None:
                sessions = store.sessions_of(user.id)
                session_id = public_id(session)
                sessions.provider(session_id)  # before unpacking what may be large
                data = bodies.decompressed(raw, limit, wire.INVALID_BODY) if compressed else raw
                sessions.put_side_file(session_id, SideFile(name, data, mtime_ns))

            await self._services.pool.run(work, wire.UPLOAD_FAILED)
        return as_json({"success": True})

    async def listing(self, request: Request) -> Response:
        """The side files of a session, by name."""
        user = await self._access.by_key(request)
        self._services.rates.read.take(user.id)
        session = request.path_params["session_id"]
        found = await hiding(
            self._services, user, lambda sessions: sessions.side_files(public_id(session))
        )
        listed = [
            {"name": file.name, "bytes": file.bytes, "updated_at": text_of(file.updated_at)}
            for file in found
        ]
        return as_json({"side_files": listed})

    async def download(self, request: Request) -> Response:
        """One side file, as it was taken."""
        user = await self._access.by_key(request)
        self._services.rates.read.take(user.id)
        session, name = request.path_params["session_id"], request.query_params.get("name", "")
        require("name", name)
        data = await hiding(
            self._services, user, lambda sessions: sessions.read_side_file(public_id(session), name)
        )
        if data is None:
            raise refusal(404, wire.FILE_NOT_FOUND)
        headers = {"Cache-Control": "no-store", "Content-Disposition": "attachment"}
        return Response(data, media_type=wire.SIDE_FILE_TYPE, headers=headers)


def _query(request: Request) -> tuple[str, str, int]:
    query = request.query_params
    session_id, name, mtime_ns = (query.get(k, "") for k in ("session_id", "name", "mtime_ns"))
    require("session_id", session_id)
    require("name", name)
    check_file_name("name", name)
    if not mtime_ns.isascii() or not mtime_ns.isdigit() or len(mtime_ns) > 19:
        raise refusal(400, "mtime_ns must be a whole number of nanoseconds")
    return session_id, name, min(int(mtime_ns), _LATEST)
