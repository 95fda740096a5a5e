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


def test_spacing_grows_while_lines_keep_coming_up_to_its_bound() -> None:
    timer = schedule()
    now, gaps = 0.0, []
    for _ in range(6):
        timer.succeeded(now, busy=True, more=False)
        timer.hint(now)
        gaps.append(round(timer.due - now, 6))
        now = timer.due
    assert gaps == sorted(gaps)
    assert gaps[-1] == PACE.longest_spacing


def test_a_quiet_cycle_resets_the_spacing() -> None:
    timer = schedule()
    for _ in range(5):
        timer.succeeded(0, busy=True, more=False)
    timer.succeeded(0, busy=False, more=False)
    timer.hint(0)
    assert timer.due <= PACE.spacing


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
