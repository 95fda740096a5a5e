"""How soon `confab serve` shows its pages, and takes lines, beside many sessions."""

from __future__ import annotations

import random
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.processes import proportional_megabytes
from bench.site import HEALTH, serving_pages
from bench.talks import NAMES, Size, fill, rare, word
from bench.uploads import uploads
from integration.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.site import Site
    from bench.subjects import Subject
    from bench.talks import Filled

MODERATE = Size(sessions=2000, megabytes=200, long=50)
FULL = Size(sessions=10_000, megabytes=5000, long=100)

ROUNDS = 60
PATIENCE = 3600.0
SPACE = 1.0
"""Of what is stored raw: so much the store, the search index and their logs take at most."""


@dataclass(frozen=True, slots=True)
class Page:
    """Addresses that are asked for in turns, and the seconds within which each is to be there."""

    what: str
    path: Callable[[random.Random], str]
    target: float


def measure(subject: Subject, size: Size = MODERATE) -> list[Figure]:
    """Make the sessions, ask for each page many times, then let clients send lines.

    Raises `Unmeasurable`.
    """
    if shutil.disk_usage(tempfile.gettempdir()).free < size.megabytes * 1e6 * SPACE:
        raise Unmeasurable(f"there is no space for {size.megabytes} MB")
    with tempfile.TemporaryDirectory(prefix="confab-bench-") as directory:
        home = Home.create(Path(directory) / "home", subject.executable)
        filled = fill(home.path / ".local" / "share" / "confab" / "store.db", size)
        with serving_pages(home) as site:
            figures = [_indexing(subject, site, size)]
            before = proportional_megabytes(site.pid)
            figures += [_figure(subject, site, page) for page in _pages(filled, size)]
            figures += uploads(subject, site, home)
            grown = proportional_megabytes(site.pid)
    memory = Figure(
        f"memory after all that, {size.told}",
        subject.name,
        ((grown, before),),
        300.0,
        unit="MB",
        yardstick="before it",
        of="value",
    )
    return [*figures, memory]


def _pages(filled: Filled, size: Size) -> list[Page]:
    last = max(1, size.sessions // 50)
    beside, within = f", {size.sessions} sessions", f", {size.megabytes} MB"

    def searched(what: str, text: Callable[[random.Random], str]) -> Page:
        return Page(
            f"search, {what}{within}",
            lambda made: "/sessions?" + urlencode({"q": text(made)}),
            1.0,
        )

    return [
        Page(f"list{beside}", lambda made: f"/sessions?page={made.randint(1, last)}", 0.2),
        Page(
            f"list, filtered and ordered{beside}",
            lambda made: (
                "/sessions?" + urlencode({"branch": f"b{made.randrange(20)}", "order": "bytes"})
            ),
            0.2,
        ),
        searched("a rare word", lambda made: rare(made.randrange(size.sessions))),
        searched("a common word", lambda made: word(made.randint(300, 600))),
        searched("a very common word", lambda made: word(made.randrange(5))),
        searched("two words", lambda made: f"{word(made.randrange(5))} {word(200)}"),
        searched("two characters", lambda made: made.choice(NAMES)[:2]),
        Page("session", lambda made: f"/sessions/{made.choice(filled.ids)}", 0.3),
        Page(
            f"any line of {size.long} MB",
            lambda made: f"/sessions/{filled.long}?line={made.randint(1, filled.lines)}",
            0.3,
        ),
    ]


def _indexing(subject: Subject, site: Site, size: Size) -> Figure:
    """Let the server index all of it while somebody waits: the pages are measured after that."""
    began = time.perf_counter()
    path = "/sessions?" + urlencode({"q": rare(0)})
    client = 0
    while time.perf_counter() - began < PATIENCE:
        client += 1
        _, status, page = site.get(path, client)
        if status == 200 and b"still being indexed" not in page:
            speed = size.megabytes / (time.perf_counter() - began)
            return Figure(
                f"indexing {size.megabytes} MB for the search",
                subject.name,
                ((speed, 1.0),),
                10.0,
                unit="MB/s",
                yardstick="one a second",
                of="value",
                at_least=True,
            )
    raise Unmeasurable("the server did not index its sessions in time")


def _figure(subject: Subject, site: Site, page: Page) -> Figure:
    made, pairs = random.Random(7), []
    for client in range(ROUNDS):
        path = page.path(made)
        bare, _, _ = site.get("/health", client)
        seconds, status, body = site.get(path, client)
        if status != 200 or not re.search(rb"<h1", body):
            raise Unmeasurable(f"{path} answers {status}")
        pairs.append((seconds, bare))
    return Figure(
        f"page: {page.what}, p95",
        subject.name,
        tuple(pairs),
        page.target,
        yardstick=HEALTH,
        of="value",
        percentile=95,
    )
