"""Connections on which no single operation outlasts the request it belongs to.

httpcore bounds each read; a server that sends one byte now and then would be waited for
without end. Here every operation gets what is left of the whole request's time.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

CONNECT_SECONDS = 10.0
"""For one address of the server; it may have several."""

WRITE_PIECE = 64 * 1024
"""Bytes that are written before the time is looked at again."""


class Deadline:
    """The moment, on `clock`, when the request that is under way must be over."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = 0.0

    def start(self, seconds: float) -> None:
        """A request begins that may take this long."""
        self._end = self._clock() + seconds

    def remaining(self) -> float:
        """Seconds left; 0 when it is too late."""
        return max(0.0, self._end - self._clock())


class DeadlineNetwork(httpcore.NetworkBackend):
    """Opens connections whose every operation is bounded by `deadline`."""

    def __init__(self, deadline: Deadline, inner: httpcore.NetworkBackend | None = None) -> None:
        self._deadline = deadline
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the addresses of `host` one after the other, none of them for too long."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            seconds = min(CONNECT_SECONDS, _some(self._deadline, httpcore.ConnectTimeout))
            try:
                stream = self._inner.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return DeadlineStream(stream, self._deadline)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class DeadlineStream(httpcore.NetworkStream):
    """One connection of a `DeadlineNetwork`."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there within the time that is left."""
        return self._inner.read(max_bytes, _some(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything within the time that is left."""
        view = memoryview(buffer)
        for start in range(0, len(view), WRITE_PIECE):
            seconds = _some(self._deadline, httpcore.WriteTimeout)
            self._inner.write(bytes(view[start : start + WRITE_PIECE]), seconds)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Speak TLS from here on."""
        seconds = _some(self._deadline, httpcore.ConnectTimeout)
        # A certificate names an IPv6 address without the brackets that a proxy is told it with.
        name = server_hostname.strip("[]") if server_hostname else server_hostname
        return DeadlineStream(self._inner.start_tls(ssl_context, name, seconds), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about the connection."""
        return self._inner.get_extra_info(info)


def _some(deadline: Deadline, too_late: type[Exception]) -> float:
    remaining = deadline.remaining()
    if remaining <= 0:
        raise too_late("the time for the whole request is over")
    return remaining
