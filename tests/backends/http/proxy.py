"""A real proxy on loopback, which reads where to go as strictly as RFC 9110 writes it."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit


class Proxy(ThreadingHTTPServer):
    """Forwards requests and opens tunnels; keeps what it was asked for in `asked`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client or a server that went away."""


class ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def here(self) -> Proxy:
        return cast(Proxy, self.server)

    def do_CONNECT(self) -> None:
        self.close_connection = True
        there = self._connected(f"//{self.path}")
        if there is None:
            return
        with there:
            self.send_response(200)
            self.end_headers()
            self._splice(there)

    def _forward(self) -> None:
        self.close_connection = True
        there = self._connected(self.path)
        if there is None:
            return
        with there:
            path = urlsplit(self.path)._replace(scheme="", netloc="").geturl()
            kept = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
            head = [f"{self.command} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in kept.items())]
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            there.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode() + body)
            while piece := there.recv(65536):
                self.wfile.write(piece)

    do_GET = do_POST = _forward  # noqa: N815 - the base's names

    def _connected(self, url: str) -> socket.socket | None:
        """A connection to where `url` says; answers for itself where it says nothing."""
        self.here.asked.append(f"{self.command} {self.path}")
        try:
            parts = urlsplit(url)
            if not parts.hostname or parts.port is None:
                raise ValueError("no place to go")
            return socket.create_connection((parts.hostname, parts.port), 10)
        except (OSError, ValueError) as error:
            self.send_error(400 if isinstance(error, ValueError) else 502)
            return None

    def _splice(self, there: socket.socket) -> None:
        ways = {self.connection: there, there: self.connection}
        with selectors.DefaultSelector() as ready:
            for end in ways:
                ready.register(end, selectors.EVENT_READ)
            while not self.here.over.is_set():
                for key, _ in ready.select(0.05):
                    piece = cast(socket.socket, key.fileobj).recv(65536)
                    if not piece:
                        return
                    ways[cast(socket.socket, key.fileobj)].sendall(piece)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def proxying() -> Iterator[Proxy]:
    """A proxy on a free port."""
    proxy = Proxy()
    thread = threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.over.set()
        proxy.shutdown()
        proxy.server_close()
        thread.join()
