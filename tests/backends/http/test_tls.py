"""Whose certificates are believed, on real TLS connections to loopback."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from confab_sync.backends.http import tls
from confab_sync.backends.http.backend import HttpBackend
from confab_sync.backends.http.connection import http_backend
from confab_sync.errors import BackendUnavailable
from tests.backends.http.api import KEY, Api, Clock
from tests.backends.http.socket_server import Server, serving
from tests.backends.http.values import info


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Server]:
    with serving(Api()) as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "2001:db8::1").configure_cert(context)
        running.socket = context.wrap_socket(running.socket, server_side=True)
        yield running


def connected(server: Server, home: Path, scheme: str = "https", **environ: str) -> HttpBackend:
    clock = Clock()
    return http_backend(
        f"{scheme}://localhost:{server.server_address[1]}",
        KEY,
        backoff=str(home),
        environ=environ,
        clock=clock,
        pause=clock.pause,
        rng=random.Random(0),
    )


@pytest.mark.parametrize("scheme", ["https", "HTTPS"])
def test_certificates_that_the_user_names_are_believed(
    scheme: str, server: Server, authority: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "corporate.pem"
    authority.cert_pem.write_to_path(str(file))
    there = connected(server, tmp_path, scheme, SSL_CERT_FILE=str(file))
    assert there.open_session(info()).session_id
    there.close()


def test_unknown_certificate_is_refused(server: Server, tmp_path: Path) -> None:
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable, match="certificate verify failed"):
        there.open_session(info())
    there.close()


def test_file_that_the_user_names_wins_over_the_system(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    there = connected(server, tmp_path, SSL_CERT_FILE=str(file))
    with pytest.raises(BackendUnavailable, match="certificate verify failed"):
        there.open_session(info())
    there.close()


def test_a_proxy_leads_to_a_server_that_is_known_by_its_ipv6_address(
    server: Server, authority: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "corporate.pem"
    authority.cert_pem.write_to_path(str(file))
    with tunnel(server.server_address[1]) as (port, asked):
        there = http_backend(
            "https://[2001:db8::1]:8443",
            KEY,
            backoff=str(tmp_path),
            environ={"https_proxy": f"http://127.0.0.1:{port}", "SSL_CERT_FILE": str(file)},
        )
        assert there.open_session(info()).session_id
        there.close()
    assert asked == [b"CONNECT [2001:db8::1]:8443 HTTP/1.1", b"Host: [2001:db8::1]:8443"]


@contextmanager
def tunnel(port: int) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that leads its first client to this port, and what it was asked for."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def lead() -> None:
            client, _ = listener.accept()
            with client, socket.create_connection(("127.0.0.1", port)) as there:
                asked.extend(client.recv(4096).splitlines()[:2])
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=copy, args=(there, client), daemon=True)
                back.start()
                copy(client, there)
                back.join()

        thread = threading.Thread(target=lead, daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        thread.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # whoever leaves first does not wait for the other's farewell
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="SSL_CERT_FILE"):
        tls.context({"SSL_CERT_FILE": str(tmp_path / "missing.pem")})


@pytest.mark.parametrize("named", [True, False])
def test_nothing_older_than_tls_1_2_is_spoken(
    named: bool, authority: trustme.CA, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = tls.context({"SSL_CERT_FILE": str(file)} if named else {})
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_without_the_systems_means_certifi_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "truststore", None)
    context = tls.context({})
    assert type(context) is ssl.SSLContext
    assert context.cert_store_stats()["x509_ca"] > 50
