"""Looking for patterns only behind their openings, and not at all where those are crowded.

An automaton that counts the characters of many kinds of keys has a state for each combination
of counts; where many keys seem to begin close to each other it needs a new one with each byte,
a thousand times slower than the openings alone.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

CROWD = 4
"""How many different openings have to follow closely on one another."""

CLOSE = 128
"""Bytes between the beginnings of two of them."""

KIND = 3
"""Bytes by which openings differ."""

LOOKED_AT = 64
"""Openings of a line that tell what it is like."""


class Opened:
    """Finds the next line with an opening that is a match of `whole`, or with a crowd of them.

    Every match of `whole` begins where `opening` matches, and ends in the same line.
    """

    def __init__(self, opening: Any, whole: Sequence[Any]) -> None:
        self._opening = opening
        self._whole = whole

    def search(self, data: bytes, start: int, stop: int) -> Any:
        """The first opening of that line, or None; it looks at `data[start:stop]` only."""
        while (first := self._opening.search(data, start, stop)) is not None:
            end = data.find(b"\n", first.start(), stop)
            end = stop if end < 0 else end
            if self._is_crowded(data, first.start(), end):
                return first
            if any(whole.search(data, first.start(), end) for whole in self._whole):
                return first
            start = end
        return None

    def _is_crowded(self, data: bytes, start: int, end: int) -> bool:
        kinds: set[bytes] = set()
        last = start
        for found in islice(self._opening.finditer(data, start, end), LOOKED_AT):
            at = found.start()
            if at - last >= CLOSE:
                kinds.clear()
            last = at
            kinds.add(data[at : at + KIND])
            if len(kinds) >= CROWD:
                return True
        return False
