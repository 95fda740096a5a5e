"""Whether the package on disk is still the one that this process was started from.

An upgrade replaces the package under every living daemon. What a daemon has not imported by
then, it would import from a version that it does not fit; so it looks first, and where the
package is another one, becomes an image of that once all of it is there (design, "Upgrade").
"""

from __future__ import annotations

import os
import time

from confab_sync.presence.spawn import boot_is_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CALM = 1.0
"""Seconds in which no file of the package may change until it counts as whole."""

PATIENCE = 10.0
"""Seconds to wait for a package that was taken away, or does not come to rest."""

PAUSE = 0.1
"""Seconds between two looks."""


class Package:
    """The package below `directory`, as it is when this object is made."""

    def __init__(
        self,
        directory: str = "",
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._directory = directory or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self._clock = clock
        self._pause = pause
        self._mine = self._signature()

    def is_mine(self) -> bool:
        """Whether it has not been replaced since: one look at the file with the version."""
        return self._signature() == self._mine

    def is_whole(self) -> bool:
        """Whether all of it is there; while it is being replaced, wait for the end of that.

        False when it is not there, or still changing, after `PATIENCE`.
        """
        if self.is_mine() and boot_is_there():
            return True
        deadline = self._clock() + PATIENCE
        seen: object = None
        since = self._clock()
        while self._clock() < deadline:
            files = self._files()
            if files != seen:
                seen, since = files, self._clock()
            elif files and self._clock() - since >= CALM:
                return boot_is_there()
            self._pause(PAUSE)
        return False

    def _signature(self) -> tuple[int, int, int] | None:
        return _facts(f"{self._directory}/__init__.py")

    def _files(self) -> list[tuple[str, tuple[int, int, int] | None]]:
        """Every module, and what changes when it is written or replaced."""
        found = []
        for directory, _, names in os.walk(self._directory):
            paths = [f"{directory}/{name}" for name in names if name.endswith(".py")]
            found += [(path, _facts(path)) for path in paths]
        return sorted(found)


def _facts(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)
