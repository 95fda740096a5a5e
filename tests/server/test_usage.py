"""What sessions used adds up by day, project and model, and nothing is counted twice."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.usage import Usage
from confab_sync.server.plots import HEIGHT, plot, rounded_up
from confab_sync.server.usage import NO_PROJECT, report

TODAY = date(2026, 3, 31)
OPUS, SONNET = "claude-opus-4-5-20251101", "claude-sonnet-4-5"


def usage(day: str, turns: int = 1, model: str = OPUS, output: int = 10) -> Usage:
    quarter = f"{day}T22:15" if day else ""
    return Usage(turns={quarter: turns}, tokens={quarter: {model: [1, 2, 3, output]}})


def test_everything_adds_up() -> None:
    used = {
        "a": [usage("2026-03-31", 2), usage("2026-03-30", 1, SONNET, 30)],
        "b": [usage("2026-03-31", 3)],
        "old": [usage("2025-01-01", 50)],
    }
    found = report(used, {"a": "acme/app", "b": "acme/app", "old": "x"}, TODAY, 7)
    whole = found.all
    assert (whole.sessions, whole.turns, whole.output) == ({"a", "b"}, 6, 50)
    assert (whole.input, whole.written, whole.read) == (3, 6, 9)
    assert [(name, each.turns) for name, each in found.projects] == [("acme/app", 6)]
    assert [(name, each.output) for name, each in found.models] == [
        ("sonnet 4.5", 30),
        ("opus 4.5", 20),
    ]
    assert [bar.all.turns for bar in found.bars] == [0, 0, 0, 0, 0, 1, 5]
    assert found.bars[-1].by_model == {"opus 4.5": 20}


def test_all_begins_with_the_first_day_and_goes_by_weeks_when_it_is_long() -> None:
    found = report({"a": [usage("2025-06-03")]}, {}, TODAY, None)
    assert found.bars[0].day == date(2025, 6, 2)  # a Monday
    assert found.bars[0].all.turns == 1
    assert {bar.days for bar in found.bars} == {7}
    assert found.bars[-1].day <= TODAY
    assert found.projects[0][0] == NO_PROJECT


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (UTC, 30),
        (timezone(timedelta(hours=1, minutes=30)), 30),
        (timezone(timedelta(hours=1, minutes=45)), 31),
        (timezone(timedelta(hours=-10)), 30),
    ],
)
def test_turn_belongs_to_the_day_it_was_typed_on_where_one_is(zone: tzinfo, day: int) -> None:
    found = report({"a": [usage("2026-03-30")]}, {}, TODAY, 7, zone)
    assert [bar.day.day for bar in found.bars if bar.all.turns] == [day]
    assert report({"a": [usage("2026-03-30")]}, {}, TODAY, 1, zone).all.turns == (day == 31)


def test_moment_at_the_end_of_all_times_belongs_to_no_day() -> None:
    east, west = (timezone(timedelta(hours=hours)) for hours in (14, -12))
    assert not report({"a": [usage("9999-12-31")]}, {}, TODAY, None, east).all.sessions
    used = {"a": [Usage(turns={"0001-01-01T00:00": 1})]}
    assert not report(used, {}, TODAY, None, west).all.sessions


def test_without_use_there_are_days_all_the_same() -> None:
    found = report({}, {}, TODAY, None)
    assert len(found.bars) == 7
    assert not found.all.sessions


def test_lines_without_a_time_belong_to_no_day() -> None:
    assert not report({"a": [usage("")]}, {}, TODAY, None).all.sessions


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=2, max_size=2), min_size=1, max_size=40))
def test_bars_stand_on_the_ground_and_stay_in_their_box(values: list[list[int]]) -> None:
    found = plot(values, [""] * len(values))
    for column in found.columns:
        bottom = float(HEIGHT)
        for piece in column.pieces:
            assert abs(piece.y + piece.height - bottom) < 0.1
            assert piece.y >= -1.3  # what is there is to be seen, however small
            bottom = piece.y


@given(st.floats(0, 1e15))
def test_scale_is_enough_and_not_much_more(value: float) -> None:
    top = rounded_up(value)
    assert value <= top <= max(2, 2 * value)
