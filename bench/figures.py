"""What was measured: samples, their medians and quartiles, and the table that shows them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """One work measured in one way: wall times in seconds, each beside one of the yardstick.

    The pairs were taken one right after the other, so that whatever else the machine did
    slowed down both.
    """

    work: str
    way: str
    pairs: tuple[tuple[float, float], ...]
    target: float

    @property
    def ratios(self) -> list[float]:
        """Each time as a multiple of its yardstick."""
        return [seconds / yardstick for seconds, yardstick in self.pairs]

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles of the ratios."""
        return quartiles(self.ratios)

    def as_json(self) -> dict[str, object]:
        """The figure with its samples, times in milliseconds."""
        return {
            "work": self.work,
            "way": self.way,
            "ratio": round(self.ratio, 3),
            "quartiles": [round(edge, 3) for edge in self.spread],
            "target": self.target,
            "met": self.ratio <= self.target,
            "pairs_ms": [[round(1000 * time, 3) for time in pair] for pair in self.pairs],
        }


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """A quarter of the values is below the first, a quarter above the second."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def table(figures: Sequence[Figure], ways: Sequence[str]) -> str:
    """One line for each work, one column for each way, as fits into 100 characters."""
    rows = [["", *ways, "target"]]
    for work in dict.fromkeys(figure.work for figure in figures):
        of_work = {figure.way: figure for figure in figures if figure.work == work}
        target = next(iter(of_work.values())).target
        cells = [_cell(of_work[way]) if way in of_work else "left out" for way in ways]
        rows.append([work, *cells, f"<= {target:.1f}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cell(figure: Figure) -> str:
    low, high = figure.spread
    verdict = "" if figure.ratio <= figure.target else "  over"
    return f"{figure.ratio:.2f} ({low:.2f}-{high:.2f}){verdict}"
