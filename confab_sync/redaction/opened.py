"""Looking for patterns only behind their openings, and not at all where those are crowded.

An automaton that counts the characters of many kinds of keys has a state for each combination
of counts; where many keys seem to begin close to each other it needs a new one with each byte,
a thousand times slower than the openings alone.
"""

from __future__ import annotations

from typing import Any

CROWD = 3
"""How many openings have to follow closely on one another."""

CLOSE = 128
"""Bytes between the beginnings of two of them."""


class Opened:
    """Finds the next line with an opening that is a match of `whole`, or with a crowd of them.

    Every match of `whole` begins where `opening` matches, and ends in the same line.
    """

    def __init__(self, opening: Any, whole: Any) -> None:
        self._opening = opening
        self._whole = whole

    def search(self, data: bytes, start: int) -> Any:
        """The first opening of that line, or None; it looks no further back than `start`."""
        while (first := self._opening.search(data, start)) is not None:
            end = data.find(b"\n", first.start())
            end = len(data) if end < 0 else end
            if self._is_crowded(data, first.start(), end):
                return first
            if self._whole.search(data, first.start(), end) is not None:
                return first
            start = end
        return None

    def _is_crowded(self, data: bytes, start: int, end: int) -> bool:
        close, last = 0, start - CLOSE
        for found in self._opening.finditer(data, start, end):
            close = close + 1 if found.start() - last < CLOSE else 0
            last = found.start()
            if close >= CROWD:
                return True
        return False
