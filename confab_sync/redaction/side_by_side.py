"""Masking many lines in two threads: google-re2 lets others work while it searches."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.aside import Aside
from confab_sync.redaction.masker import Masked

if TYPE_CHECKING:
    from confab_sync.redaction.masker import Masker

LARGE = 512 * 1024
"""Bytes from which a second thread is worth its start."""


def mask_side_by_side(masker: Masker, data: bytes, large: int = LARGE) -> Masked:
    """What `masker.mask_lines(data)` gives, in about half of the time on a free machine.

    Lines are masked by themselves, so it does not matter where `data` is cut between two. Less
    than `large` bytes are masked as they are. Raises what either half raises.
    """
    middle = data.find(b"\n", len(data) // 2) + 1
    if len(data) < large or not 0 < middle < len(data):
        return masker.mask_lines(data)
    here, there = Counter[str](), Counter[str]()
    try:
        other = Aside(partial(masker.pieces, data, middle, len(data), there), "masker")
    except RuntimeError:  # no more threads to be had
        return masker.mask_lines(data)
    try:
        first = masker.pieces(data, 0, middle, here)
    finally:
        other.wait()
    second = other.result()
    if not first and not second:
        return Masked(data, {})
    view = memoryview(data)
    pieces = [*(first or [view[:middle]]), *(second or [view[middle:]])]
    return Masked(b"".join(pieces), here + there)
