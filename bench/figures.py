"""What was measured: samples, their medians and quartiles, and the table that shows them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Samples:
    """Wall times of one thing done again and again, in seconds; at least one."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the samples took longer."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """A quarter took less than the first, a quarter more than the second."""
        if len(self.seconds) == 1:
            return self.seconds[0], self.seconds[0]
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, slots=True)
class Figure:
    """One work measured in one way, against a yardstick from the same run."""

    work: str
    way: str
    samples: Samples
    yardstick: Samples
    target: float

    @property
    def ratio(self) -> float:
        """The median as a multiple of the yardstick's median."""
        return self.samples.median / self.yardstick.median

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles as multiples of the yardstick's median."""
        low, high = self.samples.quartiles
        return low / self.yardstick.median, high / self.yardstick.median

    def as_json(self) -> dict[str, object]:
        """The figure with its samples, times in milliseconds."""
        return {
            "work": self.work,
            "way": self.way,
            "ratio": round(self.ratio, 3),
            "quartiles": [round(edge, 3) for edge in self.spread],
            "target": self.target,
            "met": self.ratio <= self.target,
            "samples_ms": [round(1000 * sample, 3) for sample in self.samples.seconds],
        }


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
