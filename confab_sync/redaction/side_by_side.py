"""Masking many lines in two threads: google-re2 lets others work while it searches."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

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
    other = _Half(masker, data[middle:])
    try:
        other.start()
    except RuntimeError:  # no more threads to be had
        return masker.mask_lines(data)
    try:
        first = data[:middle]
        masked = masker.mask_lines(first)
    finally:
        other.join()
    second = other.result()
    if masked.data is first and second.data is other.data:
        return Masked(data, {})
    return Masked(masked.data + second.data, Counter(masked.counts) + Counter(second.counts))


class _Half(threading.Thread):
    """Masks one half, and keeps what it came to."""

    def __init__(self, masker: Masker, data: bytes) -> None:
        super().__init__(name="masker", daemon=True)
        self._masker = masker
        self.data = data
        self._masked: Masked | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._masked = self._masker.mask_lines(self.data)
        except BaseException as error:
            self._error = error

    def result(self) -> Masked:
        if self._masked is None:
            raise self._error or RuntimeError("the other half of the lines was not masked")
        return self._masked
