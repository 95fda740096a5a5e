"""Times in the store sort as text in the order in which they were."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.store.times import from_text, to_text

moments = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9000, 1, 1)).flatmap(
    lambda naive: st.integers(-720, 720).map(
        lambda minutes: naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    )
)


@settings(deadline=None)
@given(moments)
def test_a_moment_comes_back_as_it_went_in(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment


@settings(deadline=None)
@given(moments, moments)
def test_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


def test_a_time_without_a_zone_is_utc() -> None:
    assert to_text(datetime(2026, 1, 2, 3)) == "2026-01-02T03:00:00.000000+00:00"
