"""Cutting the part out of a long text in which the words that were looked for stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 160
"""Characters of a snippet."""

LEAD = 40
"""Characters before the first hit."""

Piece = tuple[str, bool]
"""A part of a snippet, and whether it is one of the words."""


def snippet(text: str, wanted: Sequence[str], width: int = WIDTH) -> list[Piece]:
    """One line of `text` around the first of the `wanted` words, in pieces that can be printed.

    Where none is written as it was asked for (an accent, another width), the beginning.
    """
    pattern = _pattern(wanted)
    start = _start(text, pattern)
    cut = " ".join(text[start : start + width].split())
    pieces: list[Piece] = [("…", False)] if start else []
    at = 0
    for found in pattern.finditer(cut) if pattern else ():
        pieces += [(printable(cut[at : found.start()]), False), (printable(found[0]), True)]
        at = found.end()
    pieces.append((printable(cut[at:]), False))
    if start + width < len(text):
        pieces.append(("…", False))
    return [piece for piece in pieces if piece[0]]


def excerpt(text: str, wanted: Sequence[str], width: int) -> str:
    """At most `width` characters of `text`, with the first of the `wanted` words."""
    start = _start(text, _pattern(wanted))
    return text[start : start + width]


def _start(text: str, pattern: re.Pattern[str] | None) -> int:
    """Where to cut so that the first hit is at the front, with what leads up to it."""
    hit = pattern.search(text) if pattern else None
    start = max(0, hit.start() - LEAD) if hit else 0
    if start and hit:
        blank = text.find(" ", start - 1, hit.start())
        start = blank + 1 if blank >= 0 else start
    return start


def _pattern(wanted: Sequence[str]) -> re.Pattern[str] | None:
    words = [r"\s+".join(map(re.escape, word.split())) for word in wanted if word.strip()]
    return re.compile("|".join(words), re.IGNORECASE) if words else None
