"""Sleeping until something may have happened, at next to no cost.

Signals stay blocked and are only looked at, so that they are still pending for whoever
deals with them. On Linux the kernel also announces changes in a few directories by a
signal (`fcntl(2)`, F_NOTIFY), which the standard library can ask for.
"""

from __future__ import annotations

import fcntl
import os
import time

from confab_sync.presence.spawn import BLOCKED
from confab_sync.process import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST = 5.0
"""Seconds between two looks when nothing announces itself (seed: parents every 5 s)."""

SHORT_LOOK = 1.0
"""The same where directories cannot announce changes."""

MOST = 64
"""Directories that are watched at once: each is an open file."""

CALM = 0.5
"""Seconds to sit out after a false alarm: a neighbour may be writing to the same directory."""


class Waiting:
    """Waits for a signal, a change in the watched directories, or the time of a look."""

    def __init__(self) -> None:
        self._directories: dict[str, tuple[int, tuple[int, int]]] = {}
        self.was_told = False
        """Whether the last wait ended because a change was announced."""
        self.announces = all(
            hasattr(module, name)
            for module, name in (
                (fcntl, "F_NOTIFY"),
                (fcntl, "F_SETSIG"),
                (signals, "sigtimedwait"),
                (signals, "SIGRTMIN"),
                (signals, "SIGIO"),
            )
        )
        if self.announces:
            self._news = int(signals.SIGRTMIN)
            # What the kernel sends when too many signals are queued; by itself it kills.
            self._overflow = int(signals.SIGIO)
            signals.pthread_sigmask(signals.SIG_BLOCK, {self._news, self._overflow})

    def watch(self, directories: Sequence[str]) -> None:
        """Have changes in exactly these directories announced, where that is possible."""
        if not self.announces:
            return
        wanted = {path: _identity(path) for path in directories[:MOST]}
        for path, (descriptor, identity) in list(self._directories.items()):
            if wanted.get(path) != identity:  # not asked for any more, or another one by now
                os.close(descriptor)
                del self._directories[path]
        for path in wanted:
            if path not in self._directories:
                self._watch(path)

    def covers(self, directories: Iterable[str]) -> bool:
        """Whether changes in all of these are announced."""
        return self._directories.keys() >= set(directories)

    def wait(self) -> bool:
        """Sleep; True when a signal that the daemon must deal with is pending."""
        self.was_told = False
        if not self.announces:
            return self._portable_wait()
        news = {self._news, self._overflow}
        number = self._take(BLOCKED | news, LONGEST)
        if number in news:
            # Many changes make many signals; one look answers them all.
            while self._take(news, 0) is not None:
                pass
            self.was_told = True
            return False
        if number is not None:
            os.kill(os.getpid(), number)  # blocked, so it is pending again
            return True
        return False

    def sit_out(self) -> bool:
        """Sleep a moment after a false alarm; True when a signal is pending."""
        if not self.announces:
            return False
        number = self._take(BLOCKED, CALM)
        if number is not None:
            os.kill(os.getpid(), number)
        return number is not None

    def _portable_wait(self) -> bool:
        deadline = time.monotonic() + SHORT_LOOK
        while time.monotonic() < deadline:
            if signals.sigpending() & BLOCKED:
                return True
            time.sleep(0.25)
        return False

    @staticmethod
    def _take(numbers: Iterable[int], timeout: float) -> int | None:
        info = signals.sigtimedwait(numbers, timeout)
        return None if info is None else int(info.si_signo)

    def _watch(self, path: str) -> None:
        # DN_MODIFY alone would miss a file that appears; F_SETSIG has to come first.
        events = (
            fcntl.DN_MODIFY | fcntl.DN_CREATE | fcntl.DN_DELETE | fcntl.DN_RENAME
            | fcntl.DN_MULTISHOT
        )  # fmt: skip
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, self._news)
            fcntl.fcntl(descriptor, fcntl.F_NOTIFY, events)
        except OSError:  # this file system has no such thing: the regular look remains
            os.close(descriptor)
            return
        status = os.fstat(descriptor)
        self._directories[path] = (descriptor, (status.st_dev, status.st_ino))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
