"""The speeds of masking as figures of the table."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.redaction import FASTEST, HARDEST

if TYPE_CHECKING:
    from bench.redaction import Speeds

MEGABYTES = 50
ROUNDS = 3


def speeds() -> Speeds:
    """Measure masking by itself, in this process. Raises `Unmeasurable`."""
    if importlib.util.find_spec("re2") is None:
        raise Unmeasurable("google-re2 is not installed")
    from bench.redaction import measure
    from confab_sync.redaction.re2_engine import Re2Engine

    return measure(Re2Engine(), megabytes=MEGABYTES, rounds=ROUNDS)


def figures(found: Speeds, way: str) -> list[Figure]:
    """The speeds in MB/s of one thread, each beside the one without masking."""
    copying = [
        Figure(
            f"one thread, masking, {each.way.partition(':')[0]}",
            way,
            tuple(zip(each.masked, each.without, strict=True)),
            FASTEST[found.engine],
            unit="MB/s",
            yardstick="the same without masking",
            of="value",
            at_least=True,
        )
        for each in found.copying
    ]
    slowest = min(found.hard, key=lambda each: each.speed)
    return [
        *copying,
        Figure(
            f"one thread, masking, adversarial lines, slowest of {len(found.hard)} kinds",
            way,
            ((slowest.speed, found.alone),),
            HARDEST[found.engine],
            unit="MB/s",
            yardstick="masking of usual lines",
            of="value",
            at_least=True,
        ),
    ]
