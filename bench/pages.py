"""How soon `confab serve` shows its pages, and takes lines, beside many sessions."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import socket
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.processes import proportional_megabytes
from bench.transcripts import realistic
from integration.home import Home
from integration.pages.archive import Archive, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.subjects import Subject

SESSIONS = int(os.environ.get("CONFAB_BENCH_SESSIONS") or 2000)
MEGABYTES = int(os.environ.get("CONFAB_BENCH_MEGABYTES") or 200)
"""Of all sessions together, before compression; one of them has a quarter of it."""

ROUNDS = 60
CLIENTS = 100
CHUNKS = 15
"""That each client sends, one after the other: more than a user may in an hour is refused."""

LINES = 20
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


def measure(subject: Subject) -> list[Figure]:
    """Generate the sessions, ask for each page many times, then let clients send lines.

    Raises `Unmeasurable`.
    """
    with TemporaryDirectory(prefix="confab-bench-") as directory:
        home = Home.create(Path(directory) / "home", subject.executable)
        ids, big = _fill(home)
        with _serving(home) as site:
            _wait_for_index(site)
            before = proportional_megabytes(site.pid)
            figures = [
                _page(subject, site, what, paths, target)
                for what, paths, target in _works(ids, big)
            ]
            figures += _uploads(subject, site, home)
            grown = proportional_megabytes(site.pid)
    where = f"{SESSIONS} sessions, {MEGABYTES} MB"
    memory = Figure(
        f"memory after all that, {where}",
        subject.name,
        ((grown, before),),
        300.0,
        unit="MB",
        yardstick="before it",
        of="value",
    )
    return [*figures, memory]


def _works(ids: list[str], big: str) -> list[tuple[str, list[str], float]]:
    made = random.Random(7)
    where = f", {SESSIONS} sessions"
    last = max(1, SESSIONS // 50)
    return [
        (
            f"page: list{where}",
            [f"/sessions?page={made.randint(1, last)}" for _ in range(ROUNDS)],
            0.2,
        ),
        (
            f"page: list, filtered and ordered{where}",
            [
                "/sessions?" + urlencode({"branch": f"b{made.randrange(20)}", "order": "bytes"})
                for _ in range(ROUNDS)
            ],
            0.2,
        ),
        (
            f"page: search, {MEGABYTES} MB",
            ["/sessions?" + urlencode({"q": made.choice(WORDS)}) for _ in range(ROUNDS)],
            1.0,
        ),
        ("page: session", [f"/sessions/{made.choice(ids)}" for _ in range(ROUNDS)], 0.3),
        (
            f"page: any line of {MEGABYTES // 4} MB",
            [f"/sessions/{big}?line={made.randrange(1, 5000)}" for _ in range(ROUNDS)],
            0.3,
        ),
    ]


def _fill(home: Home) -> tuple[list[str], str]:
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
def _serving(home: Home) -> Iterator[Site]:
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


def _wait_for_index(site: Site) -> None:
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


def _page(subject: Subject, site: Site, what: str, paths: list[str], target: float) -> Figure:
    pairs = []
    for client, path in enumerate(paths):
        bare, _, _ = site.get("/health", client)
        seconds, status, body = site.get(path, client)
        if status != 200 or not re.search(rb"<h1", body):
            raise Unmeasurable(f"{path} answers {status}")
        pairs.append((seconds, bare))
    work = f"{what}, p95"
    return Figure(
        work, subject.name, tuple(pairs), target, yardstick=HEALTH, of="value", percentile=95
    )


def _uploads(subject: Subject, site: Site, home: Home) -> list[Figure]:
    """A hundred clients that send one chunk after the other: latency and throughput."""
    key = home.confab("serve", "keys", "add", "bench").stdout.strip()
    took: list[list[float]] = [[] for _ in range(CLIENTS)]
    bare = [site.get("/health", number)[0] for number in range(20)]
    threads = [
        threading.Thread(target=_send, args=(site, key, number, took[number]))
        for number in range(CLIENTS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    every = [each for client in took for each in client]
    if len(every) != CLIENTS * CHUNKS:
        raise Unmeasurable(f"of {CLIENTS * CHUNKS} chunks only {len(every)} were taken")
    pairs = tuple((each, bare[place % len(bare)]) for place, each in enumerate(every))
    what = f"{CLIENTS} clients at once"
    return [
        Figure(
            f"{what}: a chunk of {LINES} KB taken, p95",
            subject.name,
            pairs,
            5.0,
            yardstick=HEALTH,
            of="value",
            percentile=95,
        ),
        Figure(
            f"{what}: chunks a second",
            subject.name,
            ((len(every) / seconds, 1.0),),
            30.0,
            unit="/s",
            yardstick="one a second",
            of="value",
            at_least=True,
        ),
    ]


def _send(site: Site, key: str, client: int, took: list[float]) -> None:
    """One client's session on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "X-Forwarded-For": f"10.1.0.{client}",
    }

    def ask(what: str, body: dict[str, object]) -> dict[str, object]:
        connection.request("POST", f"/api/v1/sync/{what}", json.dumps(body), headers)
        answer = connection.getresponse()
        told = answer.read()
        return dict(json.loads(told)) if answer.status == 200 else {}

    external_id = str(uuid.UUID(int=client))
    opened = ask(
        "init",
        {"provider": "claude-code", "external_id": external_id, "transcript_path": "/t.jsonl"},
    )
    line = row("user", "x" * 900).decode().rstrip("\n")
    for number in range(CHUNKS):
        began = time.perf_counter()
        told = ask(
            "chunk",
            {
                "session_id": opened.get("session_id", ""),
                "file_name": f"{external_id}.jsonl",
                "file_type": "transcript",
                "first_line": number * LINES + 1,
                "lines": [line] * LINES,
            },
        )
        if told:
            took.append(time.perf_counter() - began)
    connection.close()
