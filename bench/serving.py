"""The bench's own server as a process beside the bench, and what it has counted."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.server import COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "cfb_" + "b" * 40
"""A key in the right form; the server takes any."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the server had counted at one moment; `acknowledged` are (last line, time) by file."""

    requests: int
    bytes: int
    acknowledged: dict[str, list[tuple[int, float]]]

    def of(self, session: str) -> list[tuple[int, float]]:
        """When which line of a session's transcript was acknowledged, in order."""
        return self.acknowledged.get(f"{session}/{session}.jsonl", [])


@dataclass(frozen=True, slots=True)
class Serving:
    """A server at `url`."""

    url: str

    def counts(self) -> Counts:
        """Ask for what it has counted."""
        with urllib.request.urlopen(self.url + COUNTS, timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return Counts(told["requests"], told["bytes"], told["acknowledged"])

    def lines(self, session: str) -> int:
        """How many lines of a session's transcript it has."""
        acknowledged = self.counts().of(session)
        return acknowledged[-1][0] if acknowledged else 0


@contextmanager
def serving() -> Iterator[Serving]:
    """A server that runs as long as this context."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.server"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Serving(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait()
