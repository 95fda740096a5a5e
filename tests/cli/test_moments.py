"""Moments are given as dates or ages, and anything else is refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from confab_sync.cli.moments import Moment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def moment(text: str) -> datetime:
    return Moment(lambda: NOW).convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90min", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("3 d", timedelta(days=3)),
        ("2W", timedelta(weeks=2)),
    ],
)
def test_an_age(text: str, ago: timedelta) -> None:
    assert moment(text) == NOW - ago


def test_a_date_is_a_local_one() -> None:
    assert moment("2026-02-03") == datetime(2026, 2, 3).astimezone()


def test_a_moment_with_a_zone_is_that_moment() -> None:
    assert moment("2026-02-03T10:00:00Z") == datetime(2026, 2, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "3", "3 years", "2026-13-01", "9999999999d"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="neither a date"):
        moment(text)
