"""One request to the API at a time, and what came of it."""

from __future__ import annotations

import platform
import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpcore
import zstandard

from confab_sync import __version__, wire
from confab_sync.backends.http.answers import LOGIN, Answer
from confab_sync.backends.http.requests import header, request
from confab_sync.backends.http.texts import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from confab_sync.backends.http.address import Address
    from confab_sync.backends.http.requests import Params
    from confab_sync.backends.http.transport import Transport

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes of an answer that are read; a longer one is an error.

Room for thirty thousand files of a session. The contract allows 32 MiB (§1.1), but JSON of
that size may become a gigabyte in memory.
"""

SECONDS = 30.0
"""For a whole request with a small body (contract §1.1)."""

UPLOAD_SECONDS = 120.0
"""For a whole request that carries lines or a file, over a slow line."""

DOWNLOAD_SECONDS = 3600.0
"""For a whole file that somebody waits for, and can stop waiting for."""

LARGEST_DOWNLOAD = 4 * 1024**3
"""Bytes of a file that are taken; a disk is not filled by a server that never ends."""

FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)
"""What httpcore raises where no answer came."""

_ERRNO = re.compile(r"\[Errno -?\d+\] ")
"""What Python puts before the system's words, which are enough for a person."""

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

    `transport` is made when it is first needed; a whole request with a small body may take
    `seconds`; `login` is the command that gets another key. The key is in no message and no
    `repr`.
    """

    def __init__(
        self,
        address: Address,
        key: str,
        transport: Callable[[], Transport],
        seconds: float = SECONDS,
        login: str = LOGIN,
    ) -> None:
        self.address = address
        self.login = login
        self._key = key
        self._open_transport = transport
        self._transport: Transport | None = None
        self._seconds = seconds
        self._compresses = True
        self._compressor = zstandard.ZstdCompressor(level=3)  # its tables cost too much for each
        self.requests = 0
        """How many were sent."""

    @property
    def has_key(self) -> bool:
        """Whether there is a key to show."""
        return bool(self._key)

    def get(self, route: str, params: Params | None = None) -> Answer:
        """GET a route. Raises `Unanswered`."""
        return self._send("GET", route, params=params)

    def post(self, route: str, body: bytes, live: str = "") -> Answer:
        """POST a JSON body, compressed where that is understood (§1.4). Raises `Unanswered`.

        `live` is sent along in the header of this name, unless it is empty.
        """
        if not self._may_compress(route, body):
            return self._send("POST", route, body, wire.JSON_TYPE, live=live)
        packed = self._compressor.compress(body)
        answer = self._send("POST", route, packed, wire.JSON_TYPE, encoding=wire.ZSTD, live=live)
        if answer.status != 415 or answer.error is None:
            return answer
        self._compresses = False  # an API that is older than its own contract
        return self._send("POST", route, body, wire.JSON_TYPE, live=live)

    def patch(self, route: str, body: bytes) -> Answer:
        """PATCH with a JSON body, never compressed (§1.4). Raises `Unanswered`."""
        return self._send("PATCH", route, body, wire.JSON_TYPE)

    def delete(self, route: str) -> Answer:
        """DELETE a route. Raises `Unanswered`."""
        return self._send("DELETE", route)

    def put_bytes(self, route: str, body: bytes, params: Mapping[str, str]) -> Answer:
        """POST bytes as they are to one of our own server's routes. Raises `Unanswered`."""
        packed = self._compressor.compress(body)
        return self._send(
            "POST", route, packed, wire.SIDE_FILE_TYPE, params=params, encoding=wire.ZSTD
        )

    @contextmanager
    def streamed(
        self, route: str, params: Mapping[str, str], seconds: float = DOWNLOAD_SECONDS
    ) -> Iterator[tuple[Answer, Iterator[bytes]]]:
        """GET a file: the answer and, if it succeeded, its body in pieces instead of in memory.

        Raises `Unanswered`, the pieces do as well.
        """
        where = self._where("GET", route)
        with self._sent(where, "GET", route, params=params, seconds=seconds) as response:
            if 200 <= response.status < 300:
                yield _head(where, response), _pieces(where, response, LARGEST_DOWNLOAD)
            else:
                yield self._without_key(_answer(where, response)), iter(())

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _may_compress(self, route: str, body: bytes) -> bool:
        return self._compresses and route in wire.SYNC_ROUTES and len(body) >= wire.COMPRESS_FROM

    def _send(
        self,
        method: str,
        route: str,
        body: bytes | None = None,
        content_type: str = "",
        *,
        params: Params | None = None,
        encoding: str = "",
        live: str = "",
    ) -> Answer:
        headers = {"Content-Type": content_type} if body is not None else {}
        if live:
            headers[wire.LIVE_HEADER] = live
        if encoding:
            headers["Content-Encoding"] = encoding
        seconds = UPLOAD_SECONDS if body and len(body) > wire.SMALL_BODY else self._seconds
        where = self._where(method, route)
        with self._sent(
            where, method, route, headers, body=body, params=params, seconds=seconds
        ) as response:
            return self._without_key(_answer(where, response))

    def _without_key(self, answer: Answer) -> Answer:
        """The answer of a server or proxy that may have repeated what it was sent."""
        if answer.succeeded:
            return answer
        key = self._key.encode("utf-8", "surrogatepass")
        body = answer.body.replace(key, b"[REDACTED:API_KEY]") if key else answer.body
        return replace(answer, body=body, login=self.login)

    def _where(self, method: str, route: str) -> str:
        return f"{self.address.url} ({method} {route})"

    @contextmanager
    def _sent(
        self,
        where: str,
        method: str,
        route: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: bytes | None = None,
        params: Params | None = None,
        seconds: float,
    ) -> Iterator[httpcore.Response]:
        """The answer to a request, until the block ends. Raises `Unanswered`."""
        self.requests += 1
        head = {**self._headers(), **(headers or {})}
        try:
            asked = request(
                self.address, method, route, head, body=body, params=params, seconds=seconds
            )
        except ValueError:
            raise Unanswered(f"{where} cannot be asked: its address is none") from None
        if self._transport is None:
            self._transport = self._open_transport()
        try:
            response = self._transport.handle_request(asked)
        except FAILURES as error:
            raise _unanswered(where, error) from None
        try:
            yield response
        finally:
            response.close()

    def _headers(self) -> dict[str, str]:
        return {
            "User-Agent": user_agent(),
            "Accept": wire.JSON_TYPE,
            # Answers are small, and what is not packed cannot blow up.
            "Accept-Encoding": "identity",
            **({"Authorization": wire.BEARER + self._key} if self._key else {}),
        }


def user_agent(version: str = __version__, system: str = "", machine: str = "") -> str:
    """Who we are, in Go's words for systems and processors (§1.2)."""
    system = system or ("darwin" if sys.platform == "darwin" else "linux")
    machine = machine or platform.machine()
    return f"confab/{version} ({system}; {_ARCHITECTURES.get(machine, machine)})"


def _answer(where: str, response: httpcore.Response) -> Answer:
    body = b"".join(_pieces(where, response, LARGEST_ANSWER))
    return replace(_head(where, response), body=body)


def _head(where: str, response: httpcore.Response) -> Answer:
    return Answer(
        where,
        response.status,
        header(response, "Content-Type"),
        retry_after=header(response, "Retry-After"),
        location=header(response, "Location"),
        date=header(response, "Date"),
        wants_live=header(response, wire.LIVE_HEADER) == wire.LIVE_WANTED,
    )


def _pieces(where: str, response: httpcore.Response, largest: int) -> Iterator[bytes]:
    """The body as it comes. Raises `Unanswered`, also for one of more than `largest` bytes."""
    if header(response, "Content-Encoding").lower() not in ("", "identity"):
        raise Unanswered(f"{where} answered in an encoding that was not asked for")
    size = 0
    try:
        for piece in response.iter_stream():
            size += len(piece)
            if size > largest:
                raise Unanswered(f"{where} answered without end")
            yield piece
    except FAILURES as error:
        raise _unanswered(where, error) from None


def _unanswered(where: str, error: Exception) -> Unanswered:
    """The kind of failure in words of our own: a library's may quote what was sent."""
    dropped = False
    if isinstance(error, httpcore.LocalProtocolError):
        what = "was not asked: a header would hold what none may, most likely the key"
    elif isinstance(error, httpcore.ConnectError):
        what = f"cannot be reached ({printable(_ERRNO.sub('', str(error)))[:200]})"
    elif isinstance(error, httpcore.TimeoutException):
        what = "did not answer in time"
    elif isinstance(error, httpcore.ProxyError):
        what = "cannot be reached: the proxy refuses"
    else:
        dropped = True
        what = "ended the connection without an answer"
    return Unanswered(f"{where} {what}", dropped=dropped)
