"""How requests travel: to one server, through its proxy, each before its own deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

import httpcore

from confab_sync.backends.http import tls
from confab_sync.backends.http.address import ascii_host
from confab_sync.backends.http.network import Deadline, DeadlineNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.backends.http.address import Address

KEEP_ALIVE = 50.0
"""Seconds an idle connection is kept: the server drops it after 60 (contract §1.1)."""

WHOLE_REQUEST = "confab_seconds"
"""The request extension that says how many seconds the whole request may take."""

DEFAULT_SECONDS = 30.0


class Transport(Protocol):
    """Sends one request at a time to one server."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send it; the answer has to be closed. Raises httpcore's errors."""

    def close(self) -> None:
        """Close all connections."""


class DeadlineTransport:
    """The `Transport` of which each request must be over after its `WHOLE_REQUEST` seconds."""

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deadline = Deadline(clock)
        self._pool = _pool(address, environ, DeadlineNetwork(self._deadline))

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send one request."""
        self._deadline.start(float(request.extensions.get(WHOLE_REQUEST, DEFAULT_SECONDS)))
        return self._pool.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def _pool(
    address: Address, environ: Mapping[str, str], network: DeadlineNetwork
) -> httpcore.ConnectionPool:
    secure = tls.context(environ) if urlsplit(address.url).scheme == "https" else None
    if address.proxy is None:
        return httpcore.ConnectionPool(
            ssl_context=secure,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=network,
        )
    parts = urlsplit(address.proxy)
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(
            scheme=parts.scheme.encode("ascii"),
            host=ascii_host(parts.hostname or "").encode("ascii"),
            port=parts.port,
            target=b"/",
        ),
        proxy_auth=_credentials(parts.username, parts.password),
        proxy_ssl_context=tls.context(environ) if parts.scheme == "https" else None,
        ssl_context=secure,
        max_connections=1,
        keepalive_expiry=KEEP_ALIVE,
        network_backend=network,
    )


def _credentials(user: str | None, password: str | None) -> tuple[bytes, bytes] | None:
    return (_unquoted(user), _unquoted(password or "")) if user else None


def _unquoted(text: str) -> bytes:
    # A variable of the environment may hold any bytes.
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
