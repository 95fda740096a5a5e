"""A `confab serve` of the bench's own, and a browser that is signed in to it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.missing import Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from integration.home import Home

HEALTH = "the server's /health"
"""The yardstick of whatever the server answers."""


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


@contextmanager
def serving_pages(home: Home) -> Iterator[Site]:
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
