"""Cuts a transcript of any length into windows of few lines and few bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confab_sync.store.chunks import Row

MOST_LINES = 80
MOST_BYTES = 192 * 1024
"""More only where a single line has more."""


@dataclass(frozen=True, slots=True)
class Window:
    """The lines from `first` to `last`, both 1-based and in it."""

    first: int
    last: int


def windows(rows: Sequence[Row], lines: int) -> list[Window]:
    """The windows of a file with so many `lines`, from where its rows' lines end.

    Lines of one row are taken to be equally long, which bounds a window by the size of a row.
    """
    made: list[Window] = []
    first, end, size = 1, 0, 0
    for last, more in _cells(rows, lines):
        if end >= first and (last - first >= MOST_LINES or size + more > MOST_BYTES):
            made.append(Window(first, end))
            first, size = end + 1, 0
        end, size = last, size + more
    if end >= first:
        made.append(Window(first, end))
    return made


def _cells(rows: Sequence[Row], lines: int) -> Iterator[tuple[int, int]]:
    """The last lines of small groups of lines, with the bytes that each group has."""
    carried, end = 0, 0
    for row in rows:
        carried += row.size
        if row.newlines:
            count = max(-(-row.newlines // MOST_LINES), -(-row.size // MOST_BYTES))
            count = min(count, row.newlines)
            for number in range(count):
                end = row.first_line + row.newlines * (number + 1) // count - 1
                yield end, carried // count
            carried = 0
    if end < lines:  # a last line without its newline
        yield lines, carried


def holding(found: Sequence[Window], line: int) -> int:
    """The place of the window that has a line; of the last one for lines behind it."""
    for place, window in enumerate(found):
        if line <= window.last:
            return place
    return max(0, len(found) - 1)
