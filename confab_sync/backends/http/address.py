"""Which servers may be spoken to, and through which proxy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from confab_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Address:
    """A server: the URL that every route is appended to, and the proxy on the way, if any."""

    url: str
    proxy: str | None

    def target(self, route: str) -> str:
        """The URL of a route (contract §1.1: plain concatenation)."""
        return self.url + route


def address(backend_url: str, environ: Mapping[str, str], *, allow_plain_http: bool) -> Address:
    """The server that `backend_url` names. Raises `ConfigError` when it must not be used.

    Plain http is for this machine only unless `allow_plain_http`: the key would travel in
    clear. A user name or password in the URL would end up in logs and is refused.
    """
    url = backend_url.rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        usable = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that is no number
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise ConfigError("backend_url should begin with https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ConfigError("backend_url must not hold a user name or password")
    if "?" in url or "#" in url:
        raise ConfigError("backend_url must not hold a query or a fragment")
    if not {".", ".."}.isdisjoint(unquote(parts.path).split("/")):
        # Servers and proxies resolve these or do not, each in its own way.
        raise ConfigError("backend_url must not hold . or .. as a part of its path")
    if parts.scheme == "http" and not is_loopback(host) and not allow_plain_http:
        raise ConfigError(
            f"backend_url is plain http, which would show your key to the network between here "
            f'and {host}; use https://, or set "allow_plain_http": true'
        )
    return Address(url, None if is_loopback(host) else _proxy(parts.scheme, parts.netloc, environ))


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ascii_host(host: str) -> str:
    """The name of a host as it is looked up (RFC 5891). Raises `ValueError` where it is none."""
    if host.isascii():
        # As `socket` encodes it, which fails for a label that is empty or too long.
        return host if ":" in host else host.encode("idna").decode("ascii")
    import idna

    return idna.encode(host, uts46=True).decode("ascii")


def _proxy(scheme: str, netloc: str, environ: Mapping[str, str]) -> str | None:
    """The proxy that the environment asks for."""
    proxies = _proxies(environ)
    if _is_direct(netloc, proxies.get("no", "")):
        return None
    chosen = proxies.get(scheme) or proxies.get("all")
    if not chosen:
        return None
    url = chosen if "://" in chosen else f"http://{chosen}"
    try:
        parts = urlsplit(url)
        host = ascii_host(parts.hostname or "")
        usable = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"the {scheme} proxy that the environment names is not an http:// URL")
    return url


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """Lower-case names win over upper-case ones, as everywhere else."""
    proxies = {}
    for wanted in (str.upper, str.lower):
        for kind in ("http", "https", "all", "no"):
            name = wanted(f"{kind}_proxy")
            if name in environ:
                proxies[kind] = environ[name].strip()
    return proxies


def _is_direct(netloc: str, no_proxy: str) -> bool:
    """Whether `no_proxy` names the server: itself, its port, or a domain it belongs to."""
    host = (urlsplit(f"//{netloc}").hostname or "").lower()
    for entry in no_proxy.lower().split(","):
        name = entry.strip().removeprefix("*").lstrip(".")
        if name.startswith("[") and name.endswith("]"):
            name = name[1:-1]
        if entry.strip() == "*":
            return True
        if name and (netloc.lower() == name or host == name or host.endswith(f".{name}")):
            return True
    return False
