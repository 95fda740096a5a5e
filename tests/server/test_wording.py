"""Numbers, sizes, ages and durations are short, and never have more digits than they need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.server import wording

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "now"),
        (4.9, "now"),
        (12, "12 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (86_399, "23 h"),
        (59 * 86_400, "59 d"),
        (100 * 86_400, "3 mo"),
        (800 * 86_400, "2 y"),
    ],
)
def test_age_has_one_unit(seconds: float, text: str) -> None:
    assert wording.since(timedelta(seconds=seconds)) == text


def test_moment_is_a_time_element_in_utc_that_says_the_age() -> None:
    moment = datetime(2026, 3, 1, 12, 55, tzinfo=timezone(timedelta(hours=1)))
    assert wording.ago(moment, NOW) == (
        '<time datetime="2026-03-01T11:55:00+00:00" title="2026-03-01 11:55:00 UTC" data-ago>'
        "5 min</time>"
    )
    assert "—" in wording.ago(None, NOW)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (9960, "10 KB"), (3_400_000, "3.4 MB")],
)
def test_size_has_three_digits_at_most(count: int, text: str) -> None:
    assert wording.sized(count) == text


@given(st.integers(0, 10**15))
def test_no_number_is_longer_than_four_signs_and_its_unit(count: int) -> None:
    assert len(wording.shortened(count).rstrip("kMGT")) <= 4


def test_thousands_are_kept_apart() -> None:
    assert wording.counted(1_234_567) == "1\u202f234\u202f567"
    assert wording.counted(999) == "999"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.42, "0.4 s"),
        (12.4, "12 s"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_duration_has_two_units(seconds: float, text: str) -> None:
    assert wording.lasting(seconds) == text
