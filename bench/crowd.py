"""Many daemons at once, each with a line a second, on one store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.acknowledging import Watched, finish, line, until
from bench.figures import Figure
from bench.latency import APPENDED
from bench.rig import rig

if TYPE_CHECKING:
    from bench.rig import Rig
    from bench.subjects import Subject

DAEMONS = 100
SECONDS = 15
PATIENCE = 60.0


def measure(subject: Subject) -> list[Figure]:
    """A hundred daemons. Raises `Unmeasurable`."""
    with rig(subject) as prepared:
        watched = crowded(prepared, DAEMONS, SECONDS)
        locked = _complaints(prepared)
    pairs = tuple(pair for each in watched for pair in each.pairs())
    starved = sum(not each.is_done for each in watched)
    what = f"{DAEMONS} daemons, a line a second each"
    return [
        *(
            Figure(
                f"{what}: acknowledged, p{number}",
                subject.name,
                pairs,
                1.0,
                yardstick=APPENDED,
                of="value",
                percentile=number,
            )
            for number in (50, 95)
        ),
        Figure(
            f"{what}: starved",
            subject.name,
            ((float(starved), float(DAEMONS)),),
            0.0,
            unit="",
            yardstick="all of them",
            of="value",
        ),
        Figure(
            f'{what}: "locked" in their logs',
            subject.name,
            ((float(locked), float(len(pairs))),),
            0.0,
            unit="",
            yardstick="lines",
            of="value",
        ),
    ]


def crowded(prepared: Rig, daemons: int, seconds: int) -> list[Watched]:
    """So many daemons whose sessions get a line each second, spread over it."""
    watched = []
    for _ in range(daemons):
        session = prepared.start(settle=False)
        prepared.append(session, line(0))
        watched.append(Watched(prepared, session, 1))
    for each in watched:
        prepared.wait_until_taken(each.session, 1)
    began = time.time() + 1
    for number in range(seconds * daemons):
        until(began + number / daemons, watched)
        watched[number % daemons].write(prepared.home)
    finish(watched, PATIENCE)
    return watched


def _complaints(prepared: Rig) -> int:
    logs = (prepared.home / ".confab/logs").glob("*.log")
    return sum(log.read_text(errors="replace").count("locked") for log in logs)
