"""A running `confab serve` that has many sessions, and a browser that is signed in to it."""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.missing import Unmeasurable
from bench.transcripts import realistic
from integration.home import Home
from integration.pages.archive import Archive, row

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSIONS = int(os.environ.get("CONFAB_BENCH_SESSIONS") or 2000)
MEGABYTES = int(os.environ.get("CONFAB_BENCH_MEGABYTES") or 200)
"""Of all sessions together, before compression; one of them has a quarter of it."""

PATIENCE = 3600.0
HEALTH = "the server's /health"
WORDS = ("offset", "password", "daemon", "backend store", "tokens", "return value", "session -lock")


@dataclass(slots=True)
class Site:
    """A running server and a browser that is signed in to it."""

    port: int
    pid: int
    cookie: str = ""

    def get(self, path: str, client: int = 0) -> tuple[float, int, bytes]:
        """Ask for a page as its own: the seconds until all of it is there, the status, the page."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            # Each client counts as one address, as behind a proxy.
            headers = {
                "Cookie": self.cookie,
                "X-Forwarded-For": f"10.0.{client // 250}.{client % 250}",
            }
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return time.perf_counter() - began, answer.status, body

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Send something; the answer, read to its end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, {"X-Forwarded-For": "10.9.9.9", **headers})
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        return answer


def fill(home: Home) -> tuple[list[str], str]:
    """The sessions in the home's store: their ids, and that of the large one."""
    path = home.path / ".local" / "share" / "confab" / "store.db"
    archive, made = Archive(path), random.Random(6)
    begin = datetime.now(UTC) - timedelta(days=300)
    size = MEGABYTES * 750_000 // SESSIONS
    talks = [realistic(size, seed).splitlines(keepends=True) for seed in range(12)]
    ids = []
    for number in range(SESSIONS):
        archive.now = begin + timedelta(minutes=40 * number)
        session_id, _ = archive.put(
            row("user", f"Task {number}: {made.choice(WORDS)}"),
            *talks[number % len(talks)],
            title=f"Task {number}",
            cwd=f"/home/user/work/p{number % 40}",
            hostname=f"host-{number % 5}",
            git_info={"branch": f"b{number % 20}"},
        )
        ids.append(session_id)
    big, _ = archive.put(*realistic(MEGABYTES * 250_000, 99).splitlines(keepends=True), title="Big")
    archive.close()
    return ids, big


@contextmanager
def serving(home: Home) -> Iterator[Site]:
    """Serve the sessions of a home. Raises `Unmeasurable`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--behind-proxy", "--public-url", url)
    process = subprocess.Popen(
        [str(home.executable), "serve", *options],
        env=home.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        if not process.stdout.readline().startswith("confab serve:"):
            raise Unmeasurable("the server does not start")
        site = Site(port, process.pid)
        site.cookie = _signed_in(site, home, url)
        yield site
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def _signed_in(site: Site, home: Home, url: str) -> str:
    link = home.confab("serve", "users", "link").stdout.split()[-1]
    body = urlencode({"token": link.rpartition("=")[2]}).encode()
    kind = "application/x-www-form-urlencoded"
    answer = site.post("/auth/sign-in", body, {"Origin": url, "Content-Type": kind})
    cookie = answer.getheader("Set-Cookie") or ""
    if answer.status != 303 or not cookie:
        raise Unmeasurable(f"nobody can sign in ({answer.status})")
    return cookie.partition(";")[0]


def wait_for_index(site: Site) -> None:
    """Let the server index all of it first: the search is to be measured, not that."""
    deadline = time.monotonic() + PATIENCE
    client = 0
    while time.monotonic() < deadline:
        client += 1
        _, status, page = site.get("/sessions?q=offset", client)
        if status == 200 and b"still being indexed" not in page:
            return
        time.sleep(1)
    raise Unmeasurable("the server did not index its sessions in time")
