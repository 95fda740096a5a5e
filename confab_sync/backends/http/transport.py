"""The httpx transport of this backend: one server, its proxy, and a deadline per request."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

import httpcore
import httpx

from confab_sync.backends.http import tls
from confab_sync.backends.http.network import Deadline, DeadlineNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from confab_sync.backends.http.address import Address

KEEP_ALIVE = 50.0
"""Seconds an idle connection is kept: the server drops it after 60 (contract §1.1)."""

WHOLE_REQUEST = "confab_seconds"
"""The request extension that says how many seconds the whole request may take."""

DEFAULT_SECONDS = 30.0


class DeadlineTransport(httpx.BaseTransport):
    """Sends requests to one server; each must be over after its `WHOLE_REQUEST` seconds."""

    def __init__(
        self,
        address: Address,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deadline = Deadline(clock)
        self._pool = _pool(address, environ, DeadlineNetwork(self._deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises `httpx.TransportError`."""
        self._deadline.start(float(request.extensions.get(WHOLE_REQUEST, DEFAULT_SECONDS)))
        with _translated(request):
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                )
            )
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer, request)
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self._request):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _pool(
    address: Address, environ: Mapping[str, str], network: DeadlineNetwork
) -> httpcore.ConnectionPool:
    secure = tls.context(environ) if address.url.startswith("https:") else None
    if address.proxy is None:
        return httpcore.ConnectionPool(
            ssl_context=secure,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=network,
        )
    parts = urlsplit(address.proxy)
    return httpcore.HTTPProxy(
        proxy_url=urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", "")),
        proxy_auth=_credentials(parts.username, parts.password),
        proxy_ssl_context=tls.context(environ) if parts.scheme == "https" else None,
        ssl_context=secure,
        max_connections=1,
        keepalive_expiry=KEEP_ALIVE,
        network_backend=network,
    )


def _credentials(user: str | None, password: str | None) -> tuple[str, str] | None:
    return (unquote(user), unquote(password or "")) if user else None


@contextmanager
def _translated(request: httpx.Request) -> Iterator[None]:
    """httpx's errors for httpcore's; the client knows only the former."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        raise httpx.ConnectTimeout(str(error), request=request) from error
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error), request=request) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error), request=request) from error
    except httpcore.NetworkError as error:
        raise httpx.ReadError(str(error), request=request) from error
    except httpcore.ProxyError as error:
        raise httpx.ProxyError(str(error), request=request) from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.RemoteProtocolError(str(error), request=request) from error
