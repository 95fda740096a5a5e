"""The tables that show figures, as text for a terminal and as Markdown for the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figures import Figure

LACKING = "–"  # noqa: RUF001 - as tables write it
"""Stands where somebody lacks what a work needs."""


def table(figures: Sequence[Figure], ways: Sequence[str]) -> str:
    """One line for each work, one column for each way; what misses its target is marked."""
    rows = [["", *ways, "target", "1.00 is"]]
    for work, of_work in _works(figures):
        cells = [_cell(of_work[way]) if way in of_work else LACKING for way in ways]
        first = next(iter(of_work.values()))
        rows.append([work, *cells, target(first), first.yardstick])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def markdown(figures: Sequence[Figure], ways: Sequence[str]) -> str:
    """The same in Markdown, for the first of `ways` with a verdict."""
    head = ["work", *ways, "to reach", "", "ratio to"]
    rows = [head, ["---"] * len(head)]
    for work, of_work in _works(figures):
        cells = [_cell(of_work[way], mark="") if way in of_work else LACKING for way in ways]
        first = next(iter(of_work.values()))
        ours = of_work.get(ways[0])
        verdict = LACKING if ours is None else "met" if ours.met else "**NOT MET**"
        rows.append([work, *cells, target(first), verdict, first.yardstick])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def target(figure: Figure) -> str:
    """What is to be reached: a multiple, or a value with its unit."""
    sign = "≥" if figure.at_least else "≤"
    if figure.of == "ratio":
        return f"{sign} {figure.target:g} x"
    return f"{sign} {shown(figure.target, figure.unit)}"


def shown(value: float, unit: str) -> str:
    """A value as people read it."""
    if unit == "s" and value < 1:
        return f"{1000 * value:.3g} ms"
    if unit == "":
        return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
    return f"{value:.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"


def _works(figures: Sequence[Figure]) -> list[tuple[str, dict[str, Figure]]]:
    return [
        (work, {figure.way: figure for figure in figures if figure.work == work})
        for work in dict.fromkeys(figure.work for figure in figures)
    ]


def _cell(figure: Figure, mark: str = "  over") -> str:
    low, high = figure.spread
    verdict = "" if figure.met else mark
    if figure.of == "ratio":
        times = f"{figure.ratio:.2f} x ({low:.2f}-{high:.2f})"
        return f"{times}, {shown(figure.value, figure.unit)}{verdict}"
    many = figure.percentile == 50 and len(figure.pairs) > 1
    spread = f" ({shown(low, figure.unit)}-{shown(high, figure.unit)})" if many else ""
    times = f", {figure.ratio:.3g} x" if figure.ratios else ""
    return f"{shown(figure.value, figure.unit)}{spread}{times}{verdict}"
