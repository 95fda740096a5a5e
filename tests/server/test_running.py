"""The server listens where it may, ends at a signal, and is there again after any end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import httpx
import pytest

from confab_sync.errors import ServerError, StoreTooNew
from confab_sync.server.now_page import LIVE
from confab_sync.server.running import STOP_WITHIN, Options, is_a_failure, is_loopback, serve
from confab_sync.store.schema import OWNER
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo
from tests.cli.archives import Home
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


def test_open_live_pages_and_slow_downloads_do_not_hold_up_the_end(tmp_path: Path) -> None:
    large = random.Random(1).randbytes(8_000_000).hex().encode() + b"\n"
    key = "cfb_" + "k" * 40
    with Store.open(str(tmp_path / "store.db"), clock=lambda: datetime.now(UTC)) as store:
        session_id = store.open_session(SessionInfo("claude-code", "e", "/t")).session_id
        store.append(session_id, Chunk("e.jsonl", "transcript", 1, 1, large, len(large)))
        store.accounts.add_key(OWNER, "k", key)
        store.accounts.add_link(OWNER, "token")
    process, said = run(tmp_path / "store.db")
    url = said.removeprefix("confab serve: ")
    same = {"Sec-Fetch-Site": "same-origin"}
    file = f"/api/v1/sessions/{session_id}/files/download"
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        signed_in = http.post("/auth/sign-in", data={"token": "token"}, headers=same)
        assert signed_in.status_code == 303
        headers = {"Authorization": f"Bearer {key}"}
        with (
            http.stream("GET", LIVE) as page,
            http.stream("GET", file, params={"file_name": "e.jsonl"}, headers=headers) as download,
        ):
            assert next(page.iter_raw())
            assert next(download.iter_raw(1))
            process.terminate()
            assert process.wait(timeout=5 * STOP_WITHIN) == 0
    assert output(process).read() == ""
    output(process).close()


def test_sessions_that_are_too_old_go_while_it_serves(tmp_path: Path) -> None:
    here = Home(tmp_path)
    with Store.open(
        here.paths.store, clock=lambda: datetime.now(UTC) - timedelta(days=31)
    ) as store:
        store.open_session(SessionInfo("claude-code", "old", "/t"))
    with Store.open(here.paths.store, clock=lambda: datetime.now(UTC)) as store:
        store.open_session(SessionInfo("claude-code", "new", "/t"))
    process = subprocess.Popen(
        [sys.executable, "-m", "confab_sync", "serve", "--port", "0", "--keep", "30d"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **here.environ, "PYTHONPATH": CHECKOUT},
    )
    said = [output(process).readline() for _ in range(3)]
    assert said[2] == "Removed 1 old session.\n"
    with Store.open(here.paths.store, clock=lambda: datetime.now(UTC)) as store:
        assert [session.external_id for session in store.sessions()] == ["new"]
    process.terminate()
    assert process.wait(timeout=30) == 0
    output(process).close()


def test_a_store_that_it_cannot_serve_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(str(path), clock=lambda: datetime.now(UTC)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreTooNew, match="upgrade"):
        serve(Options(str(path), port=0), print)


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
        ({"tls_cert": "c", "tls_key": "k"}, "c cannot be read"),
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
