"""From a line written to a line acknowledged, while somebody works with Claude Code."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from bench.acknowledging import Watched, finish, line, until
from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.rig import rig
from bench.serving import serving

if TYPE_CHECKING:
    from bench.rig import Rig
    from bench.subjects import Subject

LINES = 40
PAUSE = 0.8
"""Seconds between two lines on average; now and then several come at once."""
PATIENCE = 60.0

TARGETS = ((50, 0.2), (95, 0.6))
APPENDED = "the line, appended with fsync"


def to_store(subject: Subject) -> list[Figure]:
    """The embedded store. Raises `Unmeasurable`."""
    with rig(subject) as prepared:
        return _figures(prepared, "store")


def to_server(subject: Subject) -> list[Figure]:
    """The bench's own server. Raises `Unmeasurable`."""
    with serving() as server, rig(subject, server) as prepared:
        return _figures(prepared, "server")


def _figures(prepared: Rig, place: str) -> list[Figure]:
    pairs = tuple(_lines(prepared))
    return [
        Figure(
            f"line written to acknowledged, {place}, p{number}",
            prepared.subject.name,
            pairs,
            seconds,
            yardstick=APPENDED,
            of="value",
            percentile=number,
        )
        for number, seconds in TARGETS
    ]


def _lines(prepared: Rig) -> list[tuple[float, float]]:
    session = prepared.start()
    prepared.append(session, line(0))
    prepared.wait_until_taken(session, 1)
    watched, made = Watched(prepared, session, 1), random.Random(1)
    moment = time.time() + 1
    for _ in range(LINES):
        until(moment, [watched])
        watched.write(prepared.home)
        moment += made.expovariate(1 / PAUSE)
    finish([watched], PATIENCE)
    if not watched.is_done:
        raise Unmeasurable(f"some lines were not acknowledged within {PATIENCE:g} s")
    return watched.pairs()
