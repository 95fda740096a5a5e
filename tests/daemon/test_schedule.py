"""When cycles are due."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.backends.protocol import Pace
from confab_sync.daemon.schedule import Schedule
from confab_sync.daemon.settings import Settings
from tests.daemon.factories import PACE


def schedule(now: float = 0.0, **settings: float) -> Schedule:
    return Schedule(Settings(**settings), PACE, random.Random(1), now)


def test_the_first_cycle_is_due_at_once() -> None:
    assert schedule(5.0).due == 5.0


def test_the_first_line_after_a_pause_waits_only_for_the_debounce() -> None:
    timer = schedule()
    timer.succeeded(0, busy=False, more=False)
    timer.hint(10)
    assert timer.due == 10 + PACE.debounce


def gaps(timer: Schedule, cycles: int, now: float = 0.0) -> list[float]:
    """The waits between so many cycles while lines never cease."""
    found = []
    for _ in range(cycles):
        timer.succeeded(now, busy=True, more=False)
        timer.hint(now)
        found.append(round(timer.due - now, 6))
        now = timer.due
    return found


def test_a_burst_is_sent_with_short_spacing_and_what_never_ceases_with_the_longest() -> None:
    found = gaps(schedule(), 3 * PACE.burst)
    assert found[: PACE.burst] == [PACE.spacing] * PACE.burst
    assert found[-1] == PACE.longest_spacing
    assert found.count(PACE.spacing) < 1.5 * PACE.burst


def test_a_pause_gives_the_burst_back() -> None:
    timer = schedule()
    gaps(timer, 3 * PACE.burst)
    later = 2 * PACE.burst * (PACE.longest_spacing + PACE.spacing) + 1000
    assert gaps(timer, PACE.burst, later) == [PACE.spacing] * PACE.burst


def test_one_line_now_and_then_never_waits_longer_than_the_short_spacing() -> None:
    timer = schedule()
    for number in range(10 * PACE.burst):
        now = number * 1.01 * PACE.longest_spacing
        timer.succeeded(now, busy=True, more=False)
        timer.hint(now)
        assert timer.due <= now + PACE.spacing


@given(st.lists(st.floats(0, 20), min_size=1, max_size=300))
def test_however_lines_come_no_more_cycles_are_allowed_than_burst_and_time(
    pauses: list[float],
) -> None:
    timer = schedule()
    now = 0.0
    for pause in pauses:
        now = max(now + pause, timer.due)
        timer.succeeded(now, busy=True, more=False)
        timer.hint(now)
    assert len(pauses) <= PACE.burst + 2 + now / PACE.longest_spacing


@given(st.integers(0, 2**32), st.floats(0, 60), st.floats(0, 60))
def test_the_jitter_stays_within_its_bounds(seed: int, interval: float, jitter: float) -> None:
    timer = Schedule(Settings(interval=interval, jitter=jitter), PACE, random.Random(seed), 0)
    timer.succeeded(0, busy=False, more=False)
    assert 0 < timer.due <= interval + jitter + 0.001
    assert timer.due >= interval - jitter


def test_the_jitter_is_drawn_anew_each_cycle() -> None:
    timer = schedule()
    gaps = set()
    for now in range(0, 1000, 100):
        timer.succeeded(now, busy=False, more=False)
        gaps.add(round(timer.due - now, 6))
    assert len(gaps) > 5


@given(st.integers(0, 2**32), st.integers(1, 2000))
def test_retries_never_wait_much_longer_than_the_interval(seed: int, failures: int) -> None:
    timer = Schedule(Settings(), PACE, random.Random(seed), 0)
    for _ in range(failures):
        timer.failed(0)
    assert 0.7 <= timer.due <= Settings().interval * 1.25


def test_at_once_forgets_failures() -> None:
    timer = schedule()
    timer.failed(0)
    timer.at_once(1)
    assert timer.due == 1
    timer.succeeded(1, busy=False, more=False)
    timer.hint(50)
    assert timer.due < 51


def test_retry_waits_as_long_as_the_backend_asks() -> None:
    timer = schedule()
    timer.failed(0, retry_after=500.0)
    timer.hint(1)
    assert timer.due == 500
    timer.failed(500, retry_after=0.001)
    assert timer.due > 501


def test_backend_that_is_slower_has_its_own_pace() -> None:
    timer = schedule()
    timer.succeeded(0, busy=False, more=False)
    timer.keep_to(Pace(debounce=3.0, spacing=7.0, longest_spacing=9.0))
    timer.hint(10)
    assert timer.due == 13
