"""The bench's own server: it takes what a client sends, keeps nothing but counts and moments.

`python -m bench.server` prints its address and serves until it is ended. Beside the sync
routes of the contract (§2) it answers `GET /bench` with what it has counted.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import zstandard

from confab_sync import wire

COUNTS = "/bench"

_LINES = b'"lines":['
_BETWEEN = b'}","{'
"""Between two lines that are JSON objects; within a string no quote stands without a backslash."""


class Counting(ThreadingHTTPServer):
    """Counts requests and bytes, and remembers when which line was acknowledged."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._lock = threading.Lock()
        self._requests = 0
        self._bytes = 0
        self._sessions: dict[str, str] = {}
        self._lines: dict[tuple[str, str], int] = {}
        self._acknowledged: dict[str, list[tuple[int, float]]] = {}

    def count(self, size: int) -> None:
        """A request of so many bytes has arrived."""
        with self._lock:
            self._requests += 1
            self._bytes += size

    def open(self, external_id: str) -> dict[str, Any]:
        """The answer to init (contract §2.4)."""
        with self._lock:
            session = self._sessions.setdefault(external_id, str(uuid.uuid4()))
            files = {
                name: {"last_synced_line": lines}
                for (owner, name), lines in self._lines.items()
                if owner == session
            }
        return {"session_id": session, "provider": "claude-code", "files": files}

    def append(self, head: dict[str, Any], lines: int) -> tuple[int, dict[str, Any]]:
        """The status and the answer to a chunk of so many lines (contract §2.5, §3.3)."""
        session, name, first = head["session_id"], head["file_name"], head["first_line"]
        with self._lock:
            expected = self._lines.get((session, name), 0) + 1
            if first != expected:
                message = wire.NOT_CONTIGUOUS.format(expected=expected, got=first)
                return 400, {"error": message}
            last = first + lines - 1
            self._lines[session, name] = last
            (external_id,) = (key for key, value in self._sessions.items() if value == session)
            self._acknowledged.setdefault(f"{external_id}/{name}", []).append((last, time.time()))
        return 200, {"last_synced_line": last}

    def counts(self) -> dict[str, Any]:
        """Everything that was counted; `acknowledged` by external id and name of the file."""
        with self._lock:
            return {
                "requests": self._requests,
                "bytes": self._bytes,
                "acknowledged": self._acknowledged,
            }

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle of a request is measured, not complained of."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        here = cast(Counting, self.server)
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == COUNTS:
            self._answer(200, here.counts())
            return
        heads = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        here.count(len(self.requestline) + 2 + heads + 2 + len(raw))
        packed = self.headers.get("Content-Encoding") == wire.ZSTD
        body = zstandard.ZstdDecompressor().decompressobj().decompress(raw) if packed else raw
        if self.path == wire.CHUNK:
            self._answer(*here.append(*understood(body)))
        elif self.path == wire.INIT:
            self._answer(200, here.open(json.loads(body)["external_id"]))
        elif self.path == wire.VALIDATE:
            self._answer(200, {"valid": True, "user_id": 1, "email": "a@example.org", "name": None})
        elif self.path == wire.CAPABILITIES:
            self._answer(200, {"workflow_files": True, "workflow_journal": True})
        else:
            self._answer(200, {"success": True})

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the base's names

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", wire.JSON_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def understood(body: bytes) -> tuple[dict[str, Any], int]:
    """A chunk without its lines, and how many these are; each line is a JSON object.

    Lines are counted and not decoded, so that the server is not what is measured.
    """
    start = body.find(_LINES)
    end = body.rfind(b'}"]')
    if start < 0 or end < start:
        head = json.loads(body)
        return head, len(head["lines"])
    rest = body[: start + len(_LINES)] + body[end + 2 :]
    return json.loads(rest), body.count(_BETWEEN, start, end) + 1


def main() -> None:
    """Serve until ended."""
    with Counting() as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
