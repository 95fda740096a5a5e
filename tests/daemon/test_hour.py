"""A server that is down for an hour, by a made-up clock: what daemons do meanwhile."""

from __future__ import annotations

import heapq
import random
from pathlib import Path

import pytest

from confab_sync.backends.http.backend import HttpBackend
from confab_sync.daemon.log import Log
from confab_sync.daemon.schedule import Schedule
from confab_sync.daemon.settings import Settings
from confab_sync.errors import BackendUnavailable
from tests.backends.http.api import Api, Clock, backend, error, text
from tests.backends.http.values import info

HOUR = 3600.0
REQUESTS = 250
"""The bound for a machine, however many daemons it has."""
LOG_BYTES = 4096
"""The bound for one daemon's log."""


@pytest.mark.parametrize("daemons", [1, 50])
def test_an_hour_without_a_server_costs_few_requests_and_little_log(
    tmp_path: Path, daemons: int
) -> None:
    api, clock = Api(), Clock()
    down = api.always(error(503, "Storage temporarily unavailable"))
    end = clock.now + HOUR
    everyone = [Daemon(number, api, clock, tmp_path) for number in range(daemons)]
    queue = [(each.schedule.due, each.number) for each in everyone]
    heapq.heapify(queue)
    look_until(end, queue, everyone, clock)
    assert 60 < len(api.asked) < REQUESTS
    assert max(path.stat().st_size for path in tmp_path.rglob("*.log")) < LOG_BYTES
    api.rules.remove(down)
    look_until(end + 120, queue, everyone, clock)
    assert all(each.is_online for each in everyone)


def look_until(
    end: float, queue: list[tuple[float, int]], everyone: list[Daemon], clock: Clock
) -> None:
    """Let every daemon look when it is due, until the clock has reached `end`."""
    while queue[0][0] < end:
        due, number = heapq.heappop(queue)
        clock.now = max(clock.now, due)
        everyone[number].look()
        heapq.heappush(queue, (everyone[number].schedule.due, number))


def test_a_server_that_names_a_time_is_asked_again_after_it(tmp_path: Path) -> None:
    api, clock = Api(), Clock()
    api.once(text(429, "Rate limit exceeded.", **{"Retry-After": "1800"}))
    one = Daemon(0, api, clock, tmp_path)
    one.look()
    assert 1800 <= one.schedule.due - clock.now < 1801


class Daemon:
    """What of a daemon decides when a server is asked: its schedule, its backend, its log."""

    def __init__(self, number: int, api: Api, clock: Clock, directory: Path) -> None:
        self.number = number
        self.is_online = False
        self._clock = clock
        self._backend: HttpBackend = backend(api, directory, clock)
        self._log = Log(
            str(directory / "logs"), f"session-{number}", lambda: "2026-02-03T10:00:00Z"
        )
        self.schedule = Schedule(Settings(), HttpBackend.pace, random.Random(number), clock.now)

    def look(self) -> None:
        """Run a cycle, as far as the server is concerned."""
        try:
            self._backend.open_session(info())
        except BackendUnavailable as failure:
            self.schedule.failed(self._clock.now, failure.retry_after)
            self._log.failure("cycle_failed", failure, behind=1)
        else:
            self.is_online = True
            self.schedule.succeeded(self._clock.now, busy=True, more=False)
