"""When the next sync cycle is due: soon after a hint, at the timer, or when a retry is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from confab_sync.backends.protocol import Pace
    from confab_sync.daemon.settings import Settings

FIRST_RETRY = 1.0
"""Seconds to the first retry after a failure; each further one waits twice as long."""


class Schedule:
    """The times of one daemon's cycles, in seconds of the monotonic clock."""

    def __init__(self, settings: Settings, pace: Pace, rng: random.Random, now: float) -> None:
        self._settings = settings
        self._pace = pace
        self._rng = rng
        self._credit = float(pace.burst)
        """Cycles that may still follow each other with the short spacing."""
        self._credited = now
        self._earliest = now
        self._failures = 0
        self.due = now
        """When the next cycle is due."""

    def keep_to(self, pace: Pace) -> None:
        """The backend that is written to from now on wants another pace."""
        if pace != self._pace:
            self._pace = pace
            self._credit = float(pace.burst)

    def hint(self, now: float) -> None:
        """A file changed: sync soon, but keep the spacing, and keep a retry's distance."""
        if self._failures:
            return
        self.due = min(self.due, max(now + self._pace.debounce, self._earliest))

    def at_once(self, now: float) -> None:
        """Something makes waiting pointless: a stop, a new configuration."""
        self._failures = 0
        self.due = self._earliest = now

    def succeeded(self, now: float, *, busy: bool, more: bool) -> None:
        """A cycle went well; `busy` if it sent something, `more` if it has not sent all."""
        self._failures = 0
        if more:
            self.due = self._earliest = now
            return
        self._earliest = now + self._spacing(now, busy=busy)
        self.due = now + self._jittered(self._settings.interval)

    def failed(self, now: float, retry_after: float | None = None) -> None:
        """A cycle failed: wait longer each time, up to the timer's interval.

        Not less than `retry_after` seconds, if the backend asked for as many.
        """
        self._failures += 1
        wait = min(FIRST_RETRY * 2.0 ** min(self._failures - 1, 16), self._settings.interval)
        wait = max(wait * self._rng.uniform(0.75, 1.25), retry_after or 0.0)
        self.due = self._earliest = now + wait

    def _spacing(self, now: float, *, busy: bool) -> float:
        """Seconds to the next cycle at least: a token bucket, so that who works now and then,
        as people do, never waits."""
        pace = self._pace
        self._credit += (now - self._credited) / pace.longest_spacing
        self._credit = min(self._credit, float(pace.burst)) - busy
        self._credited = now
        return pace.spacing if self._credit >= 0 else pace.longest_spacing

    def _jittered(self, interval: float) -> float:
        jitter = self._settings.jitter
        return max(0.001, interval + self._rng.uniform(-jitter, jitter))
