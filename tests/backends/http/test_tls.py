"""Whose certificates are believed, on real TLS connections to loopback."""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterator
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
        authority.issue_cert("localhost").configure_cert(context)
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
