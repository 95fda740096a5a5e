"""A real server on loopback, for what only a socket can do: drip, half answers, resets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.backends.http.api import Api, Asked

Behaviour = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Serves `api`; a `behaviours` entry is used up by one request instead."""

    daemon_threads = True

    def __init__(self, api: Api, host: str = "127.0.0.1") -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), Handler)
        self.api = api
        self.behaviours: list[Behaviour] = []
        self.connections = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def here(self) -> Server:
        return cast(Server, self.server)

    def _serve(self) -> None:
        if self.here.behaviours:
            self.here.behaviours.pop(0)(self)
            return
        self.reply()

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base's names

    def read(self) -> Asked:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(str(self.command), url.path, headers, body, parse_qs(url.query))

    def reply(self) -> None:
        answer = self.here.api.answer(self.read())
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def drip(self, data: bytes, every: float) -> None:
        """Send single bytes until the test is over or the client leaves."""
        self.close_connection = True
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.here.over.wait(every):
                return

    def reset(self) -> None:
        """End the connection with a reset instead of a farewell."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(api: Api, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server for `api` on a free port."""
    server = Server(api, host)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
