"""A transcript is cut into windows that hold all of it, each a little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from confab_sync.server.transcript.windows import (
    MOST_BYTES,
    MOST_LINES,
    Window,
    holding,
    windows,
)
from confab_sync.store.chunks import Row

ROW = 1024 * 1024


def rows_of(sizes: list[tuple[int, int]]) -> list[Row]:
    """Rows of so many bytes with so many newlines."""
    made, start, line = [], 0, 1
    for size, newlines in sizes:
        made.append(Row(start, size, line, newlines))
        start, line = start + size, line + newlines
    return made


@given(
    some.lists(some.tuples(some.integers(1, ROW), some.integers(0, 500)), max_size=30),
    some.booleans(),
)
def test_each_line_is_in_exactly_one_window(sizes: list[tuple[int, int]], is_open: bool) -> None:
    rows = rows_of(sizes)
    lines = sum(row.newlines for row in rows) + is_open
    found = windows(rows, lines)
    assert [n for window in found for n in range(window.first, window.last + 1)] == list(
        range(1, lines + 1)
    )
    assert all(window.last - window.first < MOST_LINES for window in found)


def test_short_rows_become_one_window() -> None:
    assert windows(rows_of([(70_000, 10)] * 5), 50) == [
        Window(1, 20),
        Window(21, 40),
        Window(41, 50),
    ]


def test_long_lines_have_windows_of_their_own() -> None:
    found = windows(rows_of([(1000, 4), (ROW, 0), (ROW, 0), (ROW, 1), (ROW, 1), (1000, 4)]), 10)
    assert found == [Window(1, 4), Window(5, 5), Window(6, 6), Window(7, 10)]


def test_hundred_megabytes_are_cut_into_windows_of_few_bytes() -> None:
    rows = rows_of([(ROW, 300)] * 100)
    found = windows(rows, 30_000)
    assert len(found) <= 100 * ROW // MOST_BYTES * 1.5
    assert max(window.last - window.first for window in found) * ROW / 300 <= MOST_BYTES


def test_line_is_looked_up() -> None:
    found = [Window(1, 4), Window(5, 9)]
    assert [holding(found, line) for line in (0, 1, 4, 5, 9, 10)] == [0, 0, 0, 1, 1, 1]
    assert holding([], 3) == 0
