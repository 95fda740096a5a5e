"""One request to the API at a time: the only place where this backend uses httpx."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import httpx
import zstandard

from confab_sync import __version__, wire
from confab_sync.backends.http.answers import Answer
from confab_sync.backends.http.transport import WHOLE_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.backends.http.address import Address

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer that are read; a longer one is an error (contract §1.1)."""

SECONDS = 30.0
"""For a whole request with a small body (contract §1.1)."""

UPLOAD_SECONDS = 120.0
"""For a whole request that carries lines or a file, over a slow line."""

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}


class Unanswered(Exception):
    """No answer came, or only a part of one: the request may have been carried out or not.

    Never leaves this package.
    `dropped` says that a connection ended before the first byte of an answer, as one does
    that was idle for too long.
    """

    def __init__(self, message: str, *, dropped: bool = False) -> None:
        super().__init__(message)
        self.dropped = dropped


class Client:
    """Sends requests to one server, with one key.

    `transport` is made when it is first needed. The key is in no message and no `repr`.
    """

    def __init__(
        self, address: Address, key: str, transport: Callable[[], httpx.BaseTransport]
    ) -> None:
        self.address = address
        self._key = key
        self._transport = transport
        self._http: httpx.Client | None = None
        self._compresses = True

    @property
    def has_key(self) -> bool:
        """Whether there is a key to show."""
        return bool(self._key)

    def get(self, route: str, params: Mapping[str, str] | None = None) -> Answer:
        """GET a route. Raises `Unanswered`."""
        return self._send("GET", route, params=params)

    def post(self, route: str, body: bytes) -> Answer:
        """POST a JSON body, compressed where that is understood (§1.4). Raises `Unanswered`."""
        if not self._may_compress(route, body):
            return self._send("POST", route, body, wire.JSON_TYPE)
        packed = zstandard.ZstdCompressor(level=3).compress(body)
        answer = self._send("POST", route, packed, wire.JSON_TYPE, encoding=wire.ZSTD)
        if answer.status != 415 or answer.error is None:
            return answer
        self._compresses = False  # an API that is older than its own contract
        return self._send("POST", route, body, wire.JSON_TYPE)

    def patch(self, route: str, body: bytes) -> Answer:
        """PATCH with a JSON body, never compressed (§1.4). Raises `Unanswered`."""
        return self._send("PATCH", route, body, wire.JSON_TYPE)

    def put_bytes(self, route: str, body: bytes, params: Mapping[str, str]) -> Answer:
        """POST bytes as they are to one of our own server's routes. Raises `Unanswered`."""
        packed = zstandard.ZstdCompressor(level=3).compress(body)
        return self._send(
            "POST", route, packed, wire.SIDE_FILE_TYPE, params=params, encoding=wire.ZSTD
        )

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _may_compress(self, route: str, body: bytes) -> bool:
        return self._compresses and route in wire.SYNC_ROUTES and len(body) >= wire.COMPRESS_FROM

    def _send(
        self,
        method: str,
        route: str,
        body: bytes | None = None,
        content_type: str = "",
        *,
        params: Mapping[str, str] | None = None,
        encoding: str = "",
    ) -> Answer:
        http = self._opened()
        headers = {"Content-Type": content_type} if body is not None else {}
        if encoding:
            headers["Content-Encoding"] = encoding
        seconds = UPLOAD_SECONDS if body and len(body) > wire.SMALL_BODY else SECONDS
        request = http.build_request(
            method,
            self.address.target(route),
            content=body,
            headers=headers,
            params=params,
            extensions={WHOLE_REQUEST: seconds},
        )
        where = f"{self.address.url} ({method} {route})"
        try:
            response = http.send(request, stream=True)
        except httpx.TransportError as error:
            raise _unanswered(where, error) from None
        try:
            return _answer(where, response)
        except httpx.TransportError as error:
            raise _unanswered(where, error) from None
        finally:
            response.close()
            http.cookies.clear()  # a key says who we are; nothing else is carried along

    def _opened(self) -> httpx.Client:
        if self._http is None:
            self._http = httpx.Client(
                transport=self._transport(),
                headers={
                    "User-Agent": user_agent(),
                    "Accept": wire.JSON_TYPE,
                    # Answers are small, and what is not packed cannot blow up.
                    "Accept-Encoding": "identity",
                    **({"Authorization": wire.BEARER + self._key} if self._key else {}),
                },
                follow_redirects=False,
                trust_env=False,
            )
        return self._http


def user_agent(version: str = __version__, system: str = "", machine: str = "") -> str:
    """Who we are, in Go's words for systems and processors (§1.2)."""
    system = system or ("darwin" if sys.platform == "darwin" else "linux")
    machine = machine or platform.machine()
    return f"confab/{version} ({system}; {_ARCHITECTURES.get(machine, machine)})"


def _answer(where: str, response: httpx.Response) -> Answer:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unanswered(f"{where} answered in an encoding that was not asked for")
    pieces, size = [], 0
    for piece in response.iter_raw():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise Unanswered(f"{where} answered without end")
    return Answer(
        where,
        response.status_code,
        response.headers.get("Content-Type", ""),
        b"".join(pieces),
        response.headers.get("Retry-After", ""),
        response.headers.get("Location", ""),
    )


def _unanswered(where: str, error: httpx.TransportError) -> Unanswered:
    """The kind of failure in words of our own: a library's may quote what was sent."""
    dropped = False
    if isinstance(error, httpx.ConnectError):
        what = f"cannot be reached ({' '.join(str(error).split())[:200]})"
    elif isinstance(error, httpx.TimeoutException):
        what = "did not answer in time"
    elif isinstance(error, httpx.ProxyError):
        what = "cannot be reached: the proxy refuses"
    else:
        dropped = True
        what = "ended the connection without an answer"
    return Unanswered(f"{where} {what}", dropped=dropped)
