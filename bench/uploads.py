"""A hundred clients that send lines to `confab serve` at once, as their daemons would."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from typing import TYPE_CHECKING

from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.site import HEALTH
from integration.pages.archive import row

if TYPE_CHECKING:
    from bench.site import Site
    from bench.subjects import Subject
    from integration.home import Home

CLIENTS = 100
CHUNKS = 15
"""That each client sends, one after the other: more than a user may in an hour is refused."""

LINES = 20


def uploads(subject: Subject, site: Site, home: Home) -> list[Figure]:
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
