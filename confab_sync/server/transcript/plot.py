"""The timeline of a transcript as the numbers of a drawing: context above, turns below."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confab_sync.claude.outline import Outline, Turn

WIDTH = 1000
CURVE = 64
"""The height of the context's part, in the same units as the width."""

BARS = 28
MOST_BARS = 250
_SHORTEST, _LONGEST = 2.0, 3600.0
"""Seconds between which the bars of turns grow."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One turn, or several that lie too close together; `number` counts turns from 1."""

    x: float
    width: float
    height: float
    line: int
    number: int
    seconds: float
    text: str
    has_errors: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """Something at one line: a compaction, a commit, a pull request."""

    x: float
    kind: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that is drawn; `most` are the tokens at the top of the curve."""

    area: str
    line: str
    most: int
    bars: tuple[Bar, ...]
    signs: tuple[Sign, ...]


def plot(outline: Outline) -> Plot | None:
    """The drawing of an outline; `None` when there is nothing to draw."""
    if not outline.turns and not outline.points:
        return None
    scale = WIDTH / max(1, outline.lines)
    most = _round_up(max((point.context for point in outline.points), default=0))
    places = [
        (round((point.line - 1) * scale, 1), round(CURVE - CURVE * point.context / most, 1))
        for point in outline.points
    ]
    line = " ".join(f"{x},{y}" for x, y in _steps(places, WIDTH))
    area = f"{places[0][0]},{CURVE} {line} {WIDTH},{CURVE}" if places else ""
    return Plot(area, line, most, tuple(_bars(outline, scale)), tuple(_signs(outline, scale)))


def _steps(places: Sequence[tuple[float, float]], end: float) -> Iterator[tuple[float, float]]:
    """A context stays what it is until the next answer: the curve goes in steps."""
    last = None
    for x, y in places:
        if last is not None:
            yield x, last
        yield x, y
        last = y
    if last is not None:
        yield end, last


def _bars(outline: Outline, scale: float) -> Iterator[Bar]:
    turns = outline.turns
    together = -(-len(turns) // MOST_BARS) or 1
    for first in range(0, len(turns), together):
        group = turns[first : first + together]
        following = turns[first + together].line if first + together < len(turns) else None
        end = outline.lines + 1 if following is None else following
        x, width = (group[0].line - 1) * scale, (end - group[0].line) * scale
        longest = max(group, key=_length)
        yield Bar(
            round(x, 1),
            round(max(1.0, width - 1), 1),
            _height(longest.seconds),
            longest.line,
            first + group.index(longest) + 1,
            longest.seconds,
            longest.text,
            any(turn.errors for turn in group),
        )


def _length(turn: Turn) -> float:
    return turn.seconds


def _height(seconds: float) -> float:
    """Logarithmic: from seconds to an hour."""
    within = min(max(seconds, _SHORTEST), _LONGEST)
    share = math.log(within / _SHORTEST) / math.log(_LONGEST / _SHORTEST)
    return round(3 + (BARS - 3) * share, 1)


def _signs(outline: Outline, scale: float) -> Iterator[Sign]:
    for line in outline.compactions:
        yield Sign(round((line - 1) * scale, 1), "compaction", line, "The context was compacted")
    for each in outline.deliveries:
        yield Sign(
            round((each.line - 1) * scale, 1), "delivery", each.line, f"{each.kind} {each.name}"
        )


def _round_up(tokens: int) -> int:
    """The next number of tokens that is easily read: a digit and zeros."""
    power = 1000
    while power * 10 < tokens:
        power *= 10
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= tokens)
