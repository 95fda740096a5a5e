"""How soon `confab serve` answers beside many sessions, and what memory that takes it."""

from __future__ import annotations

import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.processes import proportional_megabytes
from bench.site import HEALTH, MEGABYTES, SESSIONS, WORDS, Site, fill, serving, wait_for_index
from bench.uploads import uploads
from integration.home import Home

if TYPE_CHECKING:
    from bench.subjects import Subject

ROUNDS = 60


def measure(subject: Subject) -> list[Figure]:
    """Generate the sessions, ask for each page many times, then let clients send lines.

    Raises `Unmeasurable`.
    """
    with TemporaryDirectory(prefix="confab-bench-") as directory:
        home = Home.create(Path(directory) / "home", subject.executable)
        ids, big = fill(home)
        with serving(home) as site:
            wait_for_index(site)
            before = proportional_megabytes(site.pid)
            figures = [
                _page(subject, site, what, paths, target)
                for what, paths, target in _works(ids, big)
            ]
            figures += uploads(subject, site, home)
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
