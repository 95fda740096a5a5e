"""Growth curves as SVG, both axes logarithmic: what grows in proportion is a straight line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 250, 44, 48
COLOURS = ("#1b6ca8", "#c2571a", "#2d7d46", "#8a3d8f")
LEAST = 1e-4
"""What is drawn for nothing, which has no logarithm."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over a quantity `x`, for each name a list of (x, value)."""

    title: str
    x: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


def svg(curve: Curve) -> str:
    """The picture, which brings its own white ground."""
    xs = [x for points in curve.lines.values() for x, _ in points]
    ys = [max(LEAST, y) for points in curve.lines.values() for _, y in points]
    across = _Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    up = _Axis(min(ys), max(ys), HEIGHT - BOTTOM, TOP)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            f'<text x="{LEFT}" y="22" font-size="15">{escape(curve.title)}</text>',
            *_grid(across, up, curve.x),
            *_curves(curve, across, up),
            "</svg>\n",
        )
    )


class _Axis:
    """Where values between two powers of ten lie between two places."""

    def __init__(self, least: float, most: float, start: float, stop: float) -> None:
        self._low = math.floor(math.log10(least))
        self._high = max(self._low + 1, math.ceil(math.log10(most)))
        self._start, self._stop = start, stop

    def at(self, value: float) -> float:
        share = (math.log10(max(LEAST, value)) - self._low) / (self._high - self._low)
        return round(self._start + share * (self._stop - self._start), 1)

    def powers(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]


def _grid(across: _Axis, up: _Axis, x: str) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in across.powers():
        place = across.at(value)
        yield f'<path d="M{place} {TOP}V{bottom}" stroke="#ddd"/>'
        yield f'<text x="{place}" y="{bottom + 16}" text-anchor="middle">{value:,.6g}</text>'
    for value in up.powers():
        place = up.at(value)
        yield f'<path d="M{LEFT} {place}H{right}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{place + 4}" text-anchor="end">{value:,.6g}</text>'
    yield f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x)}</text>'


def _curves(curve: Curve, across: _Axis, up: _Axis) -> Iterator[str]:
    ends = {name: up.at(points[-1][1]) for name, points in curve.lines.items()}
    places = _apart(ends)
    for colour, (name, points) in zip(COLOURS, curve.lines.items(), strict=False):
        path = " ".join(f"{across.at(x)},{up.at(y)}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in points:
            yield f'<circle cx="{across.at(x)}" cy="{up.at(y)}" r="3" fill="{colour}"/>'
        place = places[name] + 4
        yield f'<text x="{WIDTH - RIGHT + 10}" y="{place}" fill="{colour}">{escape(name)}</text>'


def _apart(places: Mapping[str, float], least: float = 16.0) -> dict[str, float]:
    """The same places, moved down as far as labels would otherwise cover each other."""
    moved: dict[str, float] = {}
    last = -math.inf
    for name in sorted(places, key=lambda name: places[name]):
        last = max(places[name], last + least)
        moved[name] = last
    return moved
