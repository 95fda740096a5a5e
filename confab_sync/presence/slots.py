"""Turns at working: at most so many daemons sync at once as the machine has processors.

A turn is a shared file's lock, so the kernel takes it back from whoever dies. Nobody
waits for long: a daemon that hangs in its turn must not stop the others.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confab_sync.paths import make_private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 2.0
"""Seconds to wait for a turn before working without one."""


class Slots:
    """The turns of all daemons below `directory`."""

    def __init__(
        self,
        directory: str,
        count: int,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._paths = [f"{directory}/.turn-{number}" for number in range(max(1, count))]
        self._files: dict[str, int] = {}
        self._clock = clock
        self._pause = pause

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a turn, if one is free within `PATIENCE`."""
        held = self._take()
        try:
            yield
        finally:
            if held is not None:
                fcntl.flock(held, fcntl.LOCK_UN)

    def _take(self) -> int | None:
        deadline = self._clock() + PATIENCE
        while True:
            for path in self._paths:
                try:
                    file = self._file(path)
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                except OSError:  # no locks here, or no space for the files: go without
                    return None
                return file
            if self._clock() > deadline:
                return None
            self._pause(0.005)

    def _file(self, path: str) -> int:
        if path not in self._files:
            make_private_directory(os.path.dirname(path))
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._files[path] = os.open(path, flags, 0o600)
        return self._files[path]
