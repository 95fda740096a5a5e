"""The sync requests: sessions opened, lines stored, ends noted (contract §2.4 to §2.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import wire
from confab_sync.claude.line_facts import facts
from confab_sync.server import bodies, moments
from confab_sync.server.access import Access
from confab_sync.server.answers import as_json
from confab_sync.server.ids import public_id
from confab_sync.server.jsonrules import cleaned
from confab_sync.server.live import live
from confab_sync.server.sync_requests import (
    check_rollout,
    chunk_request,
    event_request,
    init_request,
)
from confab_sync.store.links import NewLink
from confab_sync.store.values import ChunkMetadata, Lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.claude.line_facts import PullRequest
    from confab_sync.server.services import Services
    from confab_sync.server.sync_requests import ChunkRequest
    from confab_sync.store.store import Store
    from confab_sync.store.user_sessions import UserSessions

    Answer = dict[str, object]
    Work = Callable[[UserSessions, bytes, object | None], Answer]

_AHEAD = timedelta(hours=wire.MAX_AHEAD_HOURS)


class SyncApi:
    """The three routes below `/api/v1/sync` that confab-web has, too."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(wire.INIT, self.init, methods=["POST"]),
            Route(wire.CHUNK, self.chunk, methods=["POST"]),
            Route(wire.EVENT, self.event, methods=["POST"]),
        ]

    async def init(self, request: Request) -> Response:
        """Find or create a session."""
        answer = await self._answer(
            request, _init, wire.SMALL_BODY, wire.INVALID_BODY, wire.INIT_FAILED
        )
        answer.headers[wire.LIVE_HEADER] = wire.LIVE_WANTED
        return answer

    async def chunk(self, request: Request) -> Response:
        """Store the next lines of a file."""
        return await self._answer(
            request,
            partial(_chunk, self._services.clock()),
            wire.CHUNK_BODY,
            wire.INVALID_BODY,
            wire.UPLOAD_FAILED,
        )

    async def event(self, request: Request) -> Response:
        """Note that a session ended."""
        return await self._answer(
            request, _event, wire.SMALL_BODY, wire.INVALID_EVENT_BODY, wire.EVENT_FAILED
        )

    async def _answer(
        self, request: Request, work: Work, limit: int, complaint: str, failure: str
    ) -> Response:
        user = await self._access.by_key(request)
        self._services.rates.upload.take(user.id)
        compressed = bodies.is_compressed(request)
        longest = bodies.longest_compressed(limit) if compressed else limit
        said = live(request.headers)

        async with self._services.bodies.of(request, longest, complaint) as raw:

            def in_thread(store: Store) -> Answer:
                data = bodies.decompressed(raw, limit, complaint) if compressed else raw
                return work(store.sessions_of(user.id), data, said)

            return as_json(await self._services.pool.run(in_thread, failure))


def _init(sessions: UserSessions, data: bytes, said: object | None) -> Answer:
    opened = sessions.open(init_request(data), said)
    return {
        "session_id": opened.session_id,
        "provider": opened.provider,
        "files": {
            name: {"last_synced_line": position.lines}
            for name, position in sorted(opened.files.items())
        },
    }


def _chunk(now: datetime, sessions: UserSessions, data: bytes, said: object | None) -> Answer:
    request = chunk_request(data)
    session_id = public_id(request.session_id)
    is_transcript = request.file_type == wire.TRANSCRIPT
    provider = wire.PROVIDERS[0]
    if request.rollout is not None or is_transcript:
        provider = sessions.provider(session_id)
    if request.rollout is not None:
        check_rollout(request.rollout, provider)
    metadata, found = _said_by(request, provider, now) if is_transcript else (ChunkMetadata(), ())
    lines = Lines(
        request.file_name,
        request.file_type,
        request.first_line,
        [_encoded(line) for line in request.lines],
        wire.MAX_CHUNKS,
        metadata,
    )
    return {"last_synced_line": sessions.append(session_id, lines, found, said)}


def _encoded(line: str) -> bytes:
    try:
        return line.encode()
    except UnicodeEncodeError:
        return cleaned(line).encode()


def _said_by(
    request: ChunkRequest, provider: str, now: datetime
) -> tuple[ChunkMetadata, tuple[NewLink, ...]]:
    """The metadata of a chunk with what its lines add to it, and the links in them (§3.4)."""
    latest = request.metadata.latest_message_at
    if latest is not None and latest > now + _AHEAD:
        latest = None
    known = facts(request.lines, moments.parsed, now + _AHEAD)
    moment = max((m for m in (latest, known.newest) if m is not None), default=None)
    metadata = replace(request.metadata, latest_message_at=moment)
    if provider != wire.PROVIDERS[0]:
        return metadata, ()
    return metadata, tuple(_link(pull_request) for pull_request in known.pull_requests)


def _link(found: PullRequest) -> NewLink:
    title = f"{found.owner}/{found.repo}#{found.number}"
    return NewLink(
        "pull_request", found.url, found.owner, found.repo, found.number, wire.TRANSCRIPT, title
    )


def _event(sessions: UserSessions, data: bytes, said: object | None) -> Answer:
    request = event_request(data)
    session_id = public_id(request.session_id)
    sessions.add_event(session_id, wire.SESSION_END, request.timestamp, request.payload, said)
    return {"success": True}
