"""Token buckets: how often somebody may ask for something (contract §1.5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Callable

_MANY = 10_000


class Buckets:
    """One bucket for each key: `burst` tokens at most, `rate` new ones a second."""

    def __init__(self, rate: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._monotonic = monotonic
        self._levels: dict[object, tuple[float, float]] = {}

    def take(self, key: object) -> None:
        """Take a token from the bucket of `key`; `RequestRefused` with 429 when it is empty."""
        now = self._monotonic()
        level, since = self._levels.get(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        if level < 1:
            wait = math.ceil((1 - level) / self._rate)
            raise RequestRefused(429, wire.RATE_LIMITED, {"Retry-After": str(max(wait, 1))})
        if len(self._levels) >= _MANY:
            self._forget_full(now)
        self._levels[key] = (level - 1, now)

    def _forget_full(self, now: float) -> None:
        self._levels = {
            key: (level, since)
            for key, (level, since) in self._levels.items()
            if level + (now - since) * self._rate < self._burst
        }


@dataclass(frozen=True, slots=True)
class Rates:
    """All buckets of a server."""

    everything: Buckets
    auth: Buckets
    validate: Buckets
    upload: Buckets
    read: Buckets


def contract_rates(monotonic: Callable[[], float]) -> Rates:
    """The rates of the contract's table (§1.5)."""
    return Rates(
        everything=Buckets(100, 200, monotonic),
        auth=Buckets(1, 30, monotonic),
        validate=Buckets(0.5, 10, monotonic),
        upload=Buckets(10_000 / 3600, 2000, monotonic),
        read=Buckets(30, 60, monotonic),
    )
