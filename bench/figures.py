"""What was measured: samples beside those of a yardstick, and what they come to."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

BARE = "python -c pass"
"""The yardstick of whatever a person waits for: starting the same interpreter on nothing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One work measured in one way: samples in `unit`, each beside one of the yardstick.

    The pairs were taken one right after the other, so that whatever else the machine did
    slowed down both. Where `of` is a value, the target is one in `unit` and the ratio is told
    beside it; `percentile` says which of the samples counts, and `at_least` that more is
    better. Seconds unless `unit` says otherwise.
    """

    work: str
    way: str
    pairs: tuple[tuple[float, float], ...]
    target: float
    unit: str = "s"
    yardstick: str = BARE
    of: Literal["ratio", "value"] = "ratio"
    percentile: int = 50
    at_least: bool = False

    @property
    def ratios(self) -> list[float]:
        """Each sample as a multiple of its yardstick; none where that is nothing."""
        return [sample / yardstick for sample, yardstick in self.pairs if yardstick]

    @property
    def ratio(self) -> float:
        """What counts of the ratios: their median, unless a percentile was asked for."""
        return percentile(self.ratios, self.percentile) if self.ratios else 0.0

    @property
    def value(self) -> float:
        """What counts of the samples."""
        return percentile([sample for sample, _ in self.pairs], self.percentile)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles of the ratios, or of the samples where those count."""
        if self.of == "ratio":
            return quartiles(self.ratios)
        return quartiles([sample for sample, _ in self.pairs])

    @property
    def reached(self) -> float:
        """What is held against the target."""
        return self.ratio if self.of == "ratio" else self.value

    @property
    def met(self) -> bool:
        """Whether the target is reached, as far as the figure is printed."""
        reached = round(self.reached, 3)
        return reached >= self.target if self.at_least else reached <= self.target

    def as_json(self) -> dict[str, object]:
        """The figure with its samples."""
        return {
            "work": self.work,
            "way": self.way,
            "unit": self.unit,
            "yardstick": self.yardstick,
            "value": self.value,
            "ratio": round(self.ratio, 3),
            "quartiles": [round(edge, 6) for edge in self.spread],
            "target": self.target,
            "target_of": self.of,
            "met": self.met,
            "pairs": [[round(each, 6) for each in pair] for pair in self.pairs],
        }


def percentile(values: Sequence[float], number: int) -> float:
    """The value that `number` in a hundred are not above; of a few values, the next higher."""
    ordered = sorted(values)
    if number == 50:
        return statistics.median(ordered)
    return ordered[min(len(ordered) - 1, -(-number * len(ordered) // 100) - 1)]


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """A quarter of the values is below the first, a quarter above the second."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high
