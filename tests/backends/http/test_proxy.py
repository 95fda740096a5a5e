"""The way through a real proxy, to servers that are named and to ones that are only numbers."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from confab_sync.backends.http.address import Address
from confab_sync.backends.http.backend import HttpBackend
from confab_sync.backends.http.connection import http_backend
from confab_sync.backends.http.transport import DeadlineTransport
from tests.backends.http.api import KEY, Api, Clock
from tests.backends.http.proxy import Proxy, proxying
from tests.backends.http.socket_server import Server, serving
from tests.backends.http.values import info

HOSTS = ["localhost", "127.0.0.1", "::1"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxying() as running:
        yield running


Serve = Callable[[str], Server]


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Serve]:
    """Starts a server with TLS that has a certificate for its name or number."""
    with ExitStack() as stack:

        def start(host: str, *, secure: bool = True) -> Server:
            number = "127.0.0.1" if host == "localhost" else host
            if ":" in number and not _has_ipv6():
                pytest.skip("this machine has no IPv6 loopback")
            server = stack.enter_context(serving(Api(), number))
            if secure:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                authority.issue_cert(host).configure_cert(context)
                server.socket = context.wrap_socket(server.socket, server_side=True)
            return server

        yield start


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def connected(url: str, proxy: Proxy | None, home: Path, **environ: str) -> HttpBackend:
    clock = Clock()
    there = Address(url, proxy.url if proxy else None)
    return http_backend(
        url,
        KEY,
        backoff=str(home),
        environ={},
        transport=lambda: DeadlineTransport(there, environ),
        clock=clock,
        pause=clock.pause,
        rng=random.Random(0),
    )


def place(server: Server, host: str) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"{named}:{server.server_address[1]}"


@pytest.mark.parametrize("host", HOSTS)
def test_tunnel_to_a_server_with_tls_leads_to_it(
    host: str, serve: Serve, proxy: Proxy, authority: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    server = serve(host)
    where = place(server, host)
    there = connected(f"https://{where}", proxy, tmp_path, SSL_CERT_FILE=str(file))
    assert there.open_session(info()).session_id
    there.close()
    assert proxy.asked == [f"CONNECT {where}"]
    assert {asked.headers["host"] for asked in server.api.asked} == {where}


@pytest.mark.parametrize("host", HOSTS)
def test_server_with_tls_is_believed_by_its_name_or_number_without_a_proxy_too(
    host: str, serve: Serve, authority: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    where = place(serve(host), host)
    there = connected(f"https://{where}", None, tmp_path, SSL_CERT_FILE=str(file))
    assert there.open_session(info()).session_id
    there.close()


@pytest.mark.parametrize("host", HOSTS)
def test_plain_request_is_forwarded_to_where_it_was_meant_for(
    host: str, serve: Callable[..., Server], proxy: Proxy, tmp_path: Path
) -> None:
    server = serve(host, secure=False)
    where = place(server, host)
    there = connected(f"http://{where}", proxy, tmp_path)
    assert there.open_session(info()).session_id
    there.close()
    assert {line.split("/api/")[0].split(" ")[1] for line in proxy.asked} == {f"http://{where}"}
