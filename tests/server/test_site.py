"""Requests are for a name of ours, and not from another site's page."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from confab_sync.server.site import Site

LOOPBACK = Site()
TLS = Site(is_tls=True)
PROXIED = Site("https://confab.example.com", behind_proxy=True)


def request(client: str = "10.0.0.1", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "headers": raw, "client": (client, 1), "method": "POST"}
    return Request(scope)


@pytest.mark.parametrize("host", ["localhost", "localhost:8790", "127.0.0.1:1", "[::1]:8790"])
def test_loopback_names_are_ours_at_any_port(host: str) -> None:
    assert LOOPBACK.is_ours(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil", "[::1", "0.0.0.0"]
)
def test_other_names_are_not_ours(host: str) -> None:
    assert not LOOPBACK.is_ours(host)
    assert not PROXIED.is_ours(host)


def test_certificate_vouches_for_names() -> None:
    assert TLS.is_ours("box.lan:8790")
    assert not TLS.is_ours("")


def test_public_name_is_ours() -> None:
    assert PROXIED.is_ours("confab.example.com")
    assert PROXIED.is_ours("CONFAB.example.com:443")
    assert PROXIED.base_url(request(host="localhost")) == "https://confab.example.com"
    assert PROXIED.is_secure


@pytest.mark.parametrize(
    ("headers", "cross", "same"),
    [
        ({}, False, False),
        ({"sec_fetch_site": "same-origin"}, False, True),
        ({"sec_fetch_site": "none"}, False, True),
        ({"sec_fetch_site": "cross-site"}, True, False),
        ({"sec_fetch_site": "same-site"}, True, False),
        ({"origin": "http://localhost:8790"}, False, True),
        ({"origin": "http://localhost:9999"}, True, False),
        ({"origin": "https://localhost:8790"}, True, False),
        ({"origin": "null"}, True, False),
        ({"origin": "https://evil.example", "sec_fetch_site": "same-origin"}, True, False),
    ],
)
def test_origin_of_a_request(headers: dict[str, str], cross: bool, same: bool) -> None:
    sent = request(host="localhost:8790", **headers)
    assert (LOOPBACK.is_cross_site(sent), LOOPBACK.is_same_origin(sent)) == (cross, same)


def test_proxy_tells_the_clients_address_and_nobody_else_does() -> None:
    sent = request("10.0.0.1", x_forwarded_for="1.1.1.1, 2.2.2.2")
    assert LOOPBACK.address_of(sent) == "10.0.0.1"
    assert PROXIED.address_of(sent) == "2.2.2.2"
    assert PROXIED.address_of(request("10.0.0.1")) == "10.0.0.1"
