"""Since when sessions are wanted that no hook told of, as the user said at setup."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from confab_sync.presence import due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.paths import FinisherPaths


class Wishes:
    """The moments before which sessions are left alone, for each configuration directory.

    `bound` are those of Claude's configuration directories that have a backend of their own;
    all others share one moment.
    """

    def __init__(self, paths: FinisherPaths, bound: Iterable[str] = ()) -> None:
        self._usual = due.moment(paths.since)
        self._of = {directory: due.moment(place(paths, directory)) for directory in bound}

    def since(self, transcript_path: str) -> float:
        """The moment, in seconds since the epoch, for sessions in the place of this one."""
        if not self._of:
            return self._usual
        directory = transcript_path
        for _ in range(3):
            directory = os.path.dirname(directory)
        return self._of.get(directory, self._usual)


def place(paths: FinisherPaths, directory: str | None) -> str:
    """The file whose modification time is the moment; None is the default directory."""
    if directory is None:
        return paths.since
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return f"{paths.since}-{name}"
