"""A confab-web in memory, as the contract describes it, and a backend that talks to it.

It answers requests that are handed to it, so that a transport or a real socket can be
in between. What it was asked is kept, and it can be told to answer something else.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import httpcore
import zstandard

from confab_sync.backends.http.backend import HttpBackend
from confab_sync.backends.http.connection import http_backend

KEY = "cfb_AbCdEfGhIjKlMnOpQrStUvWxYz01234567-_89ab"
URL = "http://127.0.0.1:1"
START = 1_700_000_000.0


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(status: int, value: object, **headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode() + b"\n", headers=headers)


def error(status: int, message: str) -> Reply:
    return json_reply(status, {"error": message})


def text(status: int, message: str, **headers: str) -> Reply:
    return Reply(status, message.encode() + b"\n", "text/plain; charset=utf-8", headers)


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; `body` is decompressed and parsed."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    query: dict[str, list[str]] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        if self.headers.get("content-encoding") == "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(self.raw)
        return self.raw

    @property
    def body(self) -> Any:
        return json.loads(self.data)


Rule = Callable[[Asked], Reply | None]


class Api:
    """The server's side. `rules` may answer first; the first that does not say None wins."""

    def __init__(self, **capabilities: bool) -> None:
        self.capabilities: dict[str, bool] | None = capabilities or None
        self.sessions: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.summaries: dict[str, str] = {}
        self.side_files: dict[str, bytes] = {}
        self.asked: list[Asked] = []
        self.rules: list[Rule] = []
        self._ids = itertools.count(1)

    def once(self, reply: Reply, path: str = "") -> None:
        """The next request to `path` is answered like that, and has no effect."""
        self.next(lambda _: reply, path)

    def lost(self, reply: Reply, path: str = "") -> None:
        """The next request to `path` is carried out, and answered like that."""
        self.next(lambda asked: (self.serve(asked), reply)[1], path)

    def next(self, rule: Callable[[Asked], Reply], path: str = "") -> None:
        def answer(asked: Asked) -> Reply | None:
            if not asked.path.endswith(path):
                return None
            self.rules.remove(answer)
            return rule(asked)

        self.rules.append(answer)

    def always(self, reply: Reply, path: str = "") -> Rule:
        def rule(asked: Asked) -> Reply | None:
            return reply if asked.path.endswith(path) else None

        self.rules.append(rule)
        return rule

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        for rule in list(self.rules):
            reply = rule(asked)
            if reply is not None:
                return reply
        return self.serve(asked)

    def serve(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/capabilities":
            if self.capabilities is None:
                return text(404, "404 page not found")
            return json_reply(200, self.capabilities)
        if asked.method in ("POST", "PATCH") and asked.headers.get("content-type") not in (
            "application/json",
            "application/octet-stream",
        ):
            return text(415, "Content-Type must be application/json")
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return text(401, "Invalid API key")
        routes: dict[str, Callable[[Asked], Reply]] = {
            "/api/v1/sync/init": self._init,
            "/api/v1/sync/chunk": self._chunk,
            "/api/v1/sync/event": self._event,
            "/api/v1/sync/side-file": self._side_file,
        }
        if asked.path in routes:
            return routes[asked.path](asked)
        if found := re.fullmatch(r"/api/v1/sessions/([^/]+)/summary", asked.path):
            return self._summary(asked, unquote(found[1]))
        if found := re.fullmatch(r"/api/v1/sessions/([^/]+)/files", asked.path):
            if found[1] not in self.sessions:
                return error(404, "Session not found")
            return json_reply(200, {"files": []})
        if found := re.fullmatch(r"/api/v1/sessions/([^/]+)/sync/file", asked.path):
            return self._lines_behind(asked, found[1])
        return text(404, "404 page not found")

    def session(self) -> dict[str, Any]:
        """The only session."""
        (session,) = self.sessions.values()
        return session

    def lines(self, name: str) -> list[str]:
        lines: list[str] = self.session()["files"].get(name, [])
        return lines

    def bodies(self, path: str) -> list[Any]:
        return [asked.body for asked in self.asked if asked.path.endswith(path)]

    def count(self, path: str) -> int:
        return sum(asked.path.endswith(path) for asked in self.asked)

    def _init(self, asked: Asked) -> Reply:
        body = asked.body
        key = (body["provider"], body["external_id"])
        known = [name for name, session in self.sessions.items() if session["key"] == key]
        session_id = known[0] if known else f"00000000-0000-0000-0000-{next(self._ids):012}"
        new = {"key": key, "files": {}, "metadata": {}, "types": {}}
        session = self.sessions.setdefault(session_id, new)
        session["init"] = body
        files = {name: {"last_synced_line": len(lines)} for name, lines in session["files"].items()}
        return json_reply(
            200, {"session_id": session_id, "provider": body["provider"], "files": files}
        )

    def _chunk(self, asked: Asked) -> Reply:
        if len(asked.data) > 16 * 1024 * 1024:
            return error(400, "Invalid request body")
        body = asked.body
        session = self.sessions.get(body["session_id"])
        metadata = body.get("metadata") or {}
        if len(metadata.get("summary", "").encode()) > 2048:
            return error(400, "metadata.summary exceeds maximum length of 2048 characters")
        if session is None:
            return error(404, "Session not found")
        lines = session["files"].get(body["file_name"], [])
        if body["first_line"] != len(lines) + 1:
            expected, got = len(lines) + 1, body["first_line"]
            message = f"first_line must be {expected} (got {got}) - chunks must be contiguous"
            return error(400, message)
        if not body["lines"]:
            return error(400, "lines array cannot be empty")
        assert not any("\n" in line for line in body["lines"])
        session["files"][body["file_name"]] = [*lines, *body["lines"]]
        session["types"].setdefault(body["file_name"], body["file_type"])
        if "first_user_message" in session["metadata"]:
            metadata.pop("first_user_message", None)
        session["metadata"].update(metadata)
        return json_reply(200, {"last_synced_line": len(lines) + len(body["lines"])})

    def _lines_behind(self, asked: Asked, session_id: str) -> Reply:
        if session_id not in self.sessions:
            return error(404, "Session not found")
        lines = self.sessions[session_id]["files"].get(asked.query["file_name"][0])
        if lines is None:
            return error(404, "File not found")
        wanted = lines[int(asked.query["line_offset"][0]) :]
        body = "".join(f"{line}\n" for line in wanted).encode()
        return Reply(200, body, "text/plain; charset=utf-8")

    def _event(self, asked: Asked) -> Reply:
        if asked.body["session_id"] not in self.sessions:
            return error(404, "Session not found")
        self.events.append(asked.body)
        return json_reply(200, {"success": True})

    def _summary(self, asked: Asked, external_id: str) -> Reply:
        if not any(session["key"][1] == external_id for session in self.sessions.values()):
            return error(404, "Session not found")
        self.summaries[external_id] = asked.body["summary"]
        return json_reply(200, {"status": "ok"})

    def _side_file(self, asked: Asked) -> Reply:
        if asked.query["session_id"][0] not in self.sessions:
            return error(404, "Session not found")
        self.side_files[asked.query["name"][0]] = asked.data
        return json_reply(200, {"success": True})


class ApiTransport:
    """The `Transport` to an `Api` without any network."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        path, _, query = request.url.target.decode("ascii").partition("?")
        headers = {name.decode().lower(): value.decode() for name, value in request.headers}
        assert isinstance(request.stream, Iterable)
        raw = b"".join(request.stream)
        asked = Asked(request.method.decode(), path, headers, raw, parse_qs(query))
        return answered(self._api.answer(asked))

    def close(self) -> None:
        pass


def answered(reply: Reply) -> httpcore.Response:
    """A reply as it comes out of a transport."""
    headers = {"Content-Type": reply.content_type, **reply.headers}
    return httpcore.Response(reply.status, headers=list(headers.items()), content=reply.body)


@dataclass
class Clock:
    """The wall clock and the waits of a backend under test: waiting moves the time."""

    now: float = START
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def backend(
    api: Api,
    home: object,
    clock: Clock | None = None,
    *,
    key: str = KEY,
    url: str = URL,
    live: Callable[[], Mapping[str, object]] = dict,
) -> HttpBackend:
    """A backend on `api` whose home is `home`; without `clock` no time passes but in waits."""
    clock = clock or Clock()
    return http_backend(
        url,
        key,
        backoff=f"{home}/backoff",
        environ={},
        transport=lambda: ApiTransport(api),
        clock=clock,
        pause=clock.pause,
        rng=random.Random(0),
        live=live,
    )
