"""The parts of a span that stand inside of strings, when it goes on from one into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.redaction.views import View


def inside_strings(view: View, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of `start` to `end` in `view` that may be replaced; it begins in a string.

    Barriers alone do not say whether a string ends or begins: where one ends that is JSON
    itself, two follow each other, of different layers. What is between strings of some layer
    keeps that layer valid, so it is no part.
    """
    opened = view.depth  # the innermost string that may be open: at first, one of any layer
    closed = -1  # the layer of the string that ended last, while none is open
    for barrier, layer in view.barriers(start, end):
        if closed < 0 and layer > opened:
            opened, start = layer, barrier + 1  # a string that begins within another one
        elif closed < 0:
            yield start, barrier
            closed = layer
        elif layer < closed:
            closed = layer
        elif layer == closed:
            opened, closed, start = layer, -1, barrier + 1
    if closed < 0:
        yield start, end
