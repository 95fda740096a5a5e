"""The names under which the server may be spoken to, against DNS rebinding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Site:
    """Where clients find this server.

    `public_url` is the origin that people type, where it is known; without one, only the names
    of this machine's loopback are ours, or any name that our own certificate is good for.
    `behind_proxy` says that a proxy of ours adds the client's address to `X-Forwarded-For`.
    """

    public_url: str = ""
    is_tls: bool = False
    behind_proxy: bool = False

    @property
    def is_secure(self) -> bool:
        """Whether browsers see https."""
        return self.is_tls or self.public_url.startswith("https:")

    def is_ours(self, host: str) -> bool:
        """Whether a `Host` header names us; its port is not looked at, tunnels change it."""
        name = _name(host)
        if self.public_url and name == _name(urlsplit(self.public_url).netloc):
            return True
        if name in _LOOPBACK:
            return True
        # A page of another name cannot be a browser's window to us without its certificate.
        return bool(name) and self.is_tls and not self.public_url

    def base_url(self, connection: HTTPConnection) -> str:
        """The origin under which this client speaks to us, without a slash at the end."""
        if self.public_url:
            return self.public_url
        return f"{'https' if self.is_tls else 'http'}://{connection.headers.get('host', '')}"

    def is_same_origin(self, connection: HTTPConnection) -> bool:
        """Whether a browser says that a page of ours sent this; False when it says nothing."""
        fetch_site = connection.headers.get("sec-fetch-site")
        origin = connection.headers.get("origin")
        if fetch_site is None and origin is None:
            return False
        return not self.is_cross_site(connection)

    def is_cross_site(self, connection: HTTPConnection) -> bool:
        """Whether a browser says that a page which is not ours sent this."""
        if connection.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return True
        origin = connection.headers.get("origin")
        return origin is not None and origin.lower() != self.base_url(connection).lower()

    def address_of(self, connection: HTTPConnection) -> str:
        """The client's address, for counting its requests."""
        if self.behind_proxy:
            forwarded = connection.headers.getlist("x-forwarded-for")
            if forwarded:
                return forwarded[-1].rpartition(",")[2].strip()
        return connection.client.host if connection.client else ""


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
