"""The server listens where it may, ends at a signal, and is there again after any end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import IO

import httpx
import pytest

from confab_sync.errors import ServerError
from confab_sync.server.running import Options, is_a_failure, is_loopback, serve
from tests.processes import CHECKOUT

from .certificates import certificate


def run(store: Path, **options: object) -> tuple[subprocess.Popen[str], str]:
    """A server in a process of its own, and what it says first."""
    code = (
        "import sys, json\n"
        "from confab_sync.server.running import Options, serve\n"
        "serve(Options(**json.loads(sys.argv[1])), lambda text: print(text, flush=True))\n"
    )
    arguments = json.dumps({"store": str(store), "port": 0, **options})
    process = subprocess.Popen(
        [sys.executable, "-c", code, arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": CHECKOUT},
    )
    return process, output(process).readline().strip()


def output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_well_even_with_open_connections(tmp_path: Path, number: int) -> None:
    process, said = run(tmp_path / "store.db")
    url = said.removeprefix("confab serve: ")
    assert "/auth/sign-in?token=" in output(process).readline()
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as idle, httpx.Client(trust_env=False) as http:
        assert http.get(url + "/health").json() == {"status": "ok"}
        idle.sendall(b"POST /api/v1/sync/init HTTP/1.1\r\nHost: localhost\r\n")
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
    assert output(process).read() == ""
    output(process).close()


def test_killed_server_comes_back_and_offers_the_link_until_it_is_used(tmp_path: Path) -> None:
    for _ in range(2):
        process, said = run(tmp_path / "store.db")
        link = output(process).readline().split()[-1]
        process.kill()
        process.wait()
        output(process).close()
    process, said = run(tmp_path / "store.db")
    url = said.removeprefix("confab serve: ")
    new = output(process).readline().split()[-1]
    same = {"Sec-Fetch-Site": "same-origin"}

    def sign_in(at: str) -> int:
        token = at.partition("token=")[2]
        return httpx.post(
            url + "/auth/sign-in", data={"token": token}, headers=same, trust_env=False
        ).status_code

    assert [sign_in(link), sign_in(new)] == [403, 303]
    process.terminate()
    assert process.wait(timeout=30) == 0
    output(process).close()
    process, _ = run(tmp_path / "store.db")
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert output(process).read() == ""
    output(process).close()


def test_tls_protects_other_addresses(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    process, said = run(tmp_path / "store.db", host="0.0.0.0", tls_cert=str(cert), tls_key=str(key))
    url = said.removeprefix("confab serve: ")
    assert url.startswith("https://localhost:")
    trusted = ssl.create_default_context(cafile=str(cert))
    with httpx.Client(verify=trusted, trust_env=False) as http:
        answer = http.get(url + "/health")
        assert answer.json() == {"status": "ok"}
        assert "Strict-Transport-Security" in answer.headers
    process.terminate()
    assert process.wait(timeout=30) == 0
    output(process).close()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"host": "0.0.0.0"}, "--tls-cert"),
        ({"host": "192.0.2.1"}, "--behind-proxy"),
        ({"host": "::"}, "--tls-cert"),
        ({"tls_cert": "c"}, "belong together"),
        ({"tls_cert": "c", "tls_key": "k"}, "cannot be used"),
        ({"behind_proxy": True}, "--public-url"),
    ],
)
def test_unsafe_or_impossible_options_are_refused(
    tmp_path: Path, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(ServerError, match=reason):
        serve(Options(str(tmp_path / "store.db"), port=0, **options), print)  # type: ignore[arg-type]


def test_loopback_is_this_machine_only() -> None:
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.1.2.3", "::1"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "example.com", "10.0.0.1"]))


@pytest.mark.parametrize(
    ("error", "told"), [(asyncio.CancelledError("stopped"), False), (ValueError("x"), True)]
)
def test_requests_that_a_stop_cuts_off_are_no_failures(error: BaseException, told: bool) -> None:
    why = (type(error), error, None)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "it failed", None, why)
    assert is_a_failure(record) is told
