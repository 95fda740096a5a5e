"""Putting requests together: where each goes, and what stands in its head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import httpcore

from confab_sync.backends.http.address import ascii_host
from confab_sync.backends.http.transport import WHOLE_REQUEST

if TYPE_CHECKING:
    from confab_sync.backends.http.address import Address

Params = Mapping[str, str] | Sequence[tuple[str, str | int]]
"""What a query says; pairs where a name may be there several times."""

_UNQUOTED = "/%:@!$&'()*+,;=~"
"""What may stand in a path beside letters and digits, and what is quoted already (RFC 3986)."""

_USUAL_PORTS = {"http": 80, "https": 443}


def request(
    address: Address,
    method: str,
    route: str,
    headers: Mapping[str, str],
    *,
    body: bytes | None = None,
    params: Params | None = None,
    seconds: float,
) -> httpcore.Request:
    """A request for `route`, which must be over after `seconds`.

    Raises `ValueError` for a server whose name or port is none, and for what no query can say.
    """
    parts = urlsplit(address.target(route))
    host, port = ascii_host(parts.hostname or ""), parts.port
    target = quote(parts.path, safe=_UNQUOTED) + (f"?{urlencode(params)}" if params else "")
    named = bracketed(host)
    if port is not None and port != _USUAL_PORTS[parts.scheme]:
        named += f":{port}"
    length = {} if body is None else {"Content-Length": str(len(body))}
    head = {"Host": named, **headers, "Connection": "keep-alive", **length}
    return httpcore.Request(
        method,
        httpcore.URL(
            scheme=parts.scheme.encode("ascii"),
            # A proxy is told where to go by this, so an address is written as in a URL.
            host=bracketed(host).encode("ascii"),
            port=port,
            target=target.encode("ascii"),
        ),
        # h11 refuses what could end a header.
        headers=[
            (name.encode("ascii"), value.encode("utf-8", "surrogatepass"))
            for name, value in head.items()
        ],
        content=body,
        extensions={WHOLE_REQUEST: seconds},
    )


def bracketed(host: str) -> str:
    """A host as it stands in a URL: addresses of version 6 in brackets (RFC 3986)."""
    return f"[{host}]" if ":" in host else host


def header(answer: httpcore.Response, name: str) -> str:
    """A header of an answer; empty when it is not there."""
    wanted = name.lower().encode("ascii")
    for key, value in answer.headers:
        if key.lower() == wanted:
            return value.decode("latin-1")
    return ""
