"""Sums are right, and a report says whether all that can be sent was sent."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.engine.report import CycleReport, FileReport, Meter, Work
from confab_sync.errors import BackendUnavailable

works = st.builds(Work, *[st.integers(0, 1000) for _ in fields(Work)])


@given(works, works)
def test_costs_add_up_field_by_field(one: Work, other: Work) -> None:
    total = one + other
    for field in fields(Work):
        expected = getattr(one, field.name) + getattr(other, field.name)
        assert getattr(total, field.name) == expected


def test_meter_counts_what_it_is_told() -> None:
    meter = Meter()
    meter.add(files_opened=1, bytes_read=10)
    meter.add(bytes_read=5)
    assert meter.work == Work(files_opened=1, bytes_read=15)


def test_behind_is_the_sum_over_files() -> None:
    files = (FileReport("a", "transcript", 1, 5, 3), FileReport("b", "side", 0, 0, 4))
    assert CycleReport("/t", 1, files).behind == 7


@pytest.mark.parametrize(
    ("report", "complete"),
    [
        (CycleReport("/t", 1, (FileReport("a", "transcript", 1, 5, 3),)), True),
        (CycleReport("/t", 1, more=True), False),
        (CycleReport("/t", 1, error=BackendUnavailable("locked")), False),
    ],
)
def test_unfinished_line_does_not_make_a_cycle_incomplete(
    report: CycleReport, complete: bool
) -> None:
    assert report.complete == complete


@pytest.mark.parametrize(
    ("work", "did"),
    [
        (Work(files_seen=3, files_opened=3, bytes_read=100), False),
        (Work(bytes_sent=1), True),
        (Work(side_files_sent=1), True),
    ],
)
def test_only_what_reached_the_backend_counts_as_done(work: Work, did: bool) -> None:
    assert CycleReport("/t", 1, work=work).did_something == did
