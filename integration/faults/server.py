"""A front before a real `confab serve` that answers some requests differently."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from confab_sync import wire
from integration.faults.faultlog import Armed, FaultLog
from tests.backends.http.api import Asked, Reply

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}

Forward = Callable[[], Reply]
Act = Callable[[Asked, Forward], Reply | None]
"""What a fault does with a request; None when this request is none of its business."""


def instead(reply: Reply) -> Act:
    """Answer like that, and let nothing through."""
    return lambda asked, forward: reply


def afterwards(reply: Reply) -> Act:
    """Let the request through, and answer like that all the same."""
    return lambda asked, forward: (forward(), reply)[1]


def changed(change: Callable[[Any], Any]) -> Act:
    """Let the request through, and change the JSON of a success."""

    def act(asked: Asked, forward: Forward) -> Reply | None:
        reply = forward()
        if reply.status != 200:
            return reply
        body = json.dumps(change(json.loads(reply.body))).encode()
        return Reply(200, body, reply.content_type, reply.headers)

    return act


@dataclass(frozen=True, slots=True)
class _Rule:
    armed: Armed
    act: Act
    route: str


class Front(ThreadingHTTPServer):
    """Hands requests on to the server at `upstream`, unless a fault is armed for them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str, log: FaultLog) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.asked: list[tuple[str, str]] = []
        """Method and path of every request."""
        self.connections = 0
        """Connections that are open now."""
        self.most_connections = 0
        self._log = log
        self._rules: list[_Rule] = []
        self._counting = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """What a client has as its backend_url."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def arm(self, kind: str, act: Act, times: int | None = 1, route: str = wire.CHUNK) -> Armed:
        """Let the next requests whose path begins with `route` run into a fault."""
        rule = _Rule(self._log.arm(kind, times), act, route)
        self._rules.append(rule)
        return rule.armed

    def disarm(self) -> None:
        """Let all requests pass from now on."""
        self._rules.clear()

    def count(self, route: str) -> int:
        """How often a route was asked for."""
        return sum(path == route for _, path in self.asked)

    def reply(self, asked: Asked, forward: Forward) -> Reply:
        """What is answered to a request."""
        self.asked.append((asked.method, asked.path))
        for rule in list(self._rules):
            if not asked.path.startswith(rule.route) or rule.armed.is_used_up:
                continue
            reply = rule.act(asked, forward)
            if reply is not None:
                self._log.fire(rule.armed)
                return reply
        return forward()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and count it."""
        self._count(+1)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._count(-1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""

    def close(self) -> None:
        """End everything."""
        self.shutdown()
        self.server_close()

    def _count(self, change: int) -> None:
        with self._counting:
            self.connections += change
            self.most_connections = max(self.most_connections, self.connections)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        front = cast(Front, self.server)
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(str(self.command), url.path, headers, raw, parse_qs(url.query))
        reply = front.reply(asked, lambda: self._forward(asked))
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base's names

    def _forward(self, asked: Asked) -> Reply:
        upstream = cast(Front, self.server).upstream
        headers = {name: value for name, value in asked.headers.items() if name != "connection"}
        connection = http.client.HTTPConnection(upstream, timeout=60)
        try:
            connection.request(
                asked.method, self.path, asked.raw or None, {**headers, "host": upstream}
            )
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        kept = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in _HOP_BY_HOP | {"content-type"}
        }
        return Reply(answer.status, body, answer.headers.get("Content-Type", ""), kept)

    def log_message(self, format: str, *args: Any) -> None:
        pass
