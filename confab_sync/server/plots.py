"""Numbers as bars: where each begins and how high it is, for the templates to draw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 100
SLOT = 10
"""Width that each bar has for itself, of which a fifth is left free."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: its series, and where it is from the top."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One bar; `text` says what it stands for."""

    x: float
    pieces: tuple[Piece, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns in a box of `width` by 100; `top` is what its height stands for."""

    width: int
    columns: tuple[Column, ...]
    top: float


def plot(values: Sequence[Sequence[float]], texts: Sequence[str]) -> Plot:
    """Columns of stacked values, the first one below; `texts` say what each stands for."""
    top = rounded_up(max((sum(column) for column in values), default=0))
    columns = []
    for place, column in enumerate(values):
        pieces, level = [], 0.0
        for series, value in enumerate(column):
            if value > 0:
                height = max(value / top * HEIGHT, 0.6)  # what is there is to be seen
                pieces.append(Piece(series, round(HEIGHT - level - height, 2), round(height, 2)))
                level += height
        columns.append(Column(place * SLOT + 1, tuple(pieces), texts[place]))
    return Plot(len(values) * SLOT, tuple(columns), top)


def rounded_up(value: float) -> float:
    """The next number that is easy to halve: 1, 2, 4, 6, 8 or 10 times a power of ten."""
    if value <= 2:
        return 2
    size: float = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 2, 4, 6, 8, 10, 20) if value <= step * size)
