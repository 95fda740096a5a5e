"""What a request says of where it goes, and that nobody can make it say more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import httpcore
import pytest

from confab_sync.backends.http.address import Address
from confab_sync.backends.http.client import Client, Unanswered
from confab_sync.backends.http.requests import header, request
from confab_sync.backends.http.transport import DeadlineTransport
from tests.backends.http.api import KEY, Api
from tests.backends.http.socket_server import Server, serving

LIGHT = """
import sys
from confab_sync.backends.http.connection import http_backend
http_backend(sys.argv[1], "key", backoff=sys.argv[2], environ={}).takes("side", "x")
heavy = {"httpx", "rich", "click", "pygments"} & set(sys.modules)
assert not heavy, heavy
"""


def asked(url: str, route: str = "/api/v1/x", **more: object) -> httpcore.Request:
    return request(Address(url, None), "GET", route, {}, seconds=1.0, **more)  # type: ignore[arg-type]


def head(made: httpcore.Request, name: str) -> str:
    return header(httpcore.Response(200, headers=made.headers), name)


@pytest.mark.parametrize(
    ("url", "host", "named"),
    [
        ("https://confab.example.com", b"confab.example.com", "confab.example.com"),
        ("https://confab.example.com:443", b"confab.example.com", "confab.example.com"),
        ("https://confab.example.com:8443", b"confab.example.com", "confab.example.com:8443"),
        ("http://[::1]:8080", b"[::1]", "[::1]:8080"),
        ("http://[::1]", b"[::1]", "[::1]"),
        ("https://Bücher.example", b"xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_server_is_named_in_a_request_as_in_a_url(url: str, host: bytes, named: str) -> None:
    made = asked(url)
    assert (made.url.host, head(made, "host")) == (host, named)


@pytest.mark.parametrize(
    "host", ["ex\u2260ample\u00ad..example", "a..b", ".x", "y" * 70, "example.com:99999"]
)
def test_address_that_is_none_is_no_answer(host: str) -> None:
    client = Client(Address(f"https://{host}", None), KEY, lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(Unanswered, match="its address is none"):
        client.get("/x")


def test_path_and_query_are_ascii_and_say_what_was_meant() -> None:
    made = asked("https://example.com/dépôt%20x", "/a%2Fb", params=[("q", "ü & ?"), ("q", "2")])
    path, _, query = made.url.target.decode("ascii").partition("?")
    assert path == "/d%C3%A9p%C3%B4t%20x/a%2Fb"
    assert parse_qs(query) == {"q": ["ü & ?", "2"]}


def test_only_a_body_has_a_length() -> None:
    assert head(asked("https://example.com"), "content-length") == ""
    assert head(asked("https://example.com", body=b""), "content-length") == "0"
    assert head(asked("https://example.com", body=b"four"), "content-length") == "4"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Api()) as running:
        yield running


def connected(server: Server, key: str) -> Client:
    there = Address(server.url, None)
    return Client(there, key, lambda: DeadlineTransport(there, {}))


@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_key_that_would_end_its_header_is_not_sent(server: Server, key: str) -> None:
    with pytest.raises(Unanswered, match="the key") as caught:
        connected(server, key).get("/api/v1/capabilities")
    assert not caught.value.dropped
    assert server.api.asked == []


@pytest.mark.parametrize("key", ["schlüssel", "\udc80"])
def test_key_of_other_letters_is_only_a_wrong_one(server: Server, key: str) -> None:
    client = connected(server, key)
    assert client.get("/api/v1/sync/init").status in (400, 401, 404, 415)
    client.close()


def test_header_of_an_answer_is_found_however_it_is_written() -> None:
    answer = httpcore.Response(200, headers=[(b"rEtRy-aFtEr", b"7"), (b"X", b"\xe9")])
    assert (header(answer, "Retry-After"), header(answer, "x")) == ("7", "é")
    assert header(answer, "Location") == ""


def test_daemon_loads_no_more_than_it_needs_to_ask_a_server(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIGHT, server.url, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert server.api.count("/capabilities") == 1
