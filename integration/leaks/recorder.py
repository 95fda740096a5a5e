"""A server in front of another: it keeps what it is sent, and passes it on or throws it back."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

import zstandard

_SECONDS = 60
_NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request: its first line and headers, and its body unpacked."""

    head: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def without(self, secret: str) -> bytes:
        """All of it, but for one header that says nothing else than that key."""
        allowed = ("authorization", f"Bearer {secret}")
        headers = [
            f"{name}: {value}" for name, value in self.headers if (name.lower(), value) != allowed
        ]
        return "\n".join([self.head, *headers, ""]).encode() + self.body


class Recorder(ThreadingHTTPServer):
    """Passes requests on to `upstream`, except for as many as it was told to throw back."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.requests: list[Recorded] = []
        self._lock = threading.Lock()
        self._echoes: list[tuple[str, int]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def throw_back(self, route: str, status: int) -> None:
        """Answer the next request to `route` with an error that repeats all that was sent."""
        with self._lock:
            self._echoes.append((route, status))

    @property
    def owes(self) -> int:
        """How many requests are still to be thrown back."""
        return len(self._echoes)

    def take(self, recorded: Recorded, path: str) -> int | None:
        """Keep a request; the status to throw it back with, if any."""
        with self._lock:
            self.requests.append(recorded)
            for echo in self._echoes:
                if path.endswith(echo[0]):
                    self._echoes.remove(echo)
                    return echo[1]
        return None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A daemon that leaves in the middle of a request is none of its business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        here = cast(Recorder, self.server)
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        packed = self.headers.get("Content-Encoding") == "zstd"
        body = zstandard.ZstdDecompressor().decompressobj().decompress(raw) if packed else raw
        recorded = Recorded(f"{self.command} {self.path}", tuple(self.headers.items()), body)
        status = here.take(recorded, urlsplit(self.path).path)
        if status is not None:
            echo = {"error": f"{recorded.headers} {body.decode('utf-8', 'replace')}"}
            self._answer(status, "application/json", json.dumps(echo).encode())
            return
        self._pass_on(here.upstream, raw)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base's names

    def _pass_on(self, upstream: str, raw: bytes) -> None:
        connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=_SECONDS)
        try:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _NOT_PASSED_ON
            }
            connection.request(self.command, self.path, raw or None, headers)
            answer = connection.getresponse()
            self._answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        finally:
            connection.close()

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def recording(upstream: str) -> Iterator[Recorder]:
    """A recorder that listens as long as this context."""
    with Recorder(upstream) as recorder:
        thread = threading.Thread(target=recorder.serve_forever, daemon=True)
        thread.start()
        try:
            yield recorder
        finally:
            recorder.shutdown()
            thread.join()
