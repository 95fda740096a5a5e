"""Moments are read as the contract accepts them, and written in UTC (contract §1.8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.server.moments import is_zero, parsed, text_of

zones = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones))
def test_iso_format_with_a_zone_is_read_as_the_same_moment(moment: datetime) -> None:
    assert parsed(moment.isoformat()) == moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_again(moment: datetime) -> None:
    assert parsed(text_of(moment)) == moment


@given(st.text(max_size=40))
def test_other_text_is_no_moment(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-02-03T09:00:00Z", "2026-02-03T09:00:00Z"),
        ("2026-02-03T09:00:00.500Z", "2026-02-03T09:00:00.5Z"),
        ("2026-02-03T09:00:00.123456789Z", "2026-02-03T09:00:00.123456Z"),
        ("2026-02-03T23:30:00-07:00", "2026-02-04T06:30:00Z"),
        ("2026-02-03T9:00:00,25Z", "2026-02-03T09:00:00.25Z"),
    ],
)
def test_moment_is_converted_and_trimmed(text: str, written: str) -> None:
    moment = parsed(text)
    assert moment is not None
    assert text_of(moment) == written


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-01-01T00:00:00+24:00"]
)
def test_moment_beyond_the_calendar_is_none(text: str) -> None:
    assert parsed(text) is None


def test_zero_time_is_known() -> None:
    assert is_zero(datetime(1, 1, 1, tzinfo=UTC))
    assert not is_zero(datetime(1970, 1, 1, tzinfo=UTC))
