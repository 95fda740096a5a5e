"""The watchers: each looks at one thing and says when it is not what it was."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING, Protocol

from confab_sync.daemon.messages import ConfigChanged, FileChanged, InboxChanged, ParentGone
from confab_sync.daemon.parent_ends import OPEN_PIDFD, ParentEnds
from confab_sync.daemon.waiting import UNANNOUNCED
from confab_sync.presence import inbox
from confab_sync.process import may_live

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.messages import Message
    from confab_sync.process import Identity, Processes


class Watcher(Protocol):
    """Something to look at every so often."""

    def look(self) -> Message | None:
        """The message that the change since the last look calls for."""

    def every(self) -> float:
        """Seconds to the next look."""


class InboxWatcher:
    """Says when the inbox has grown, or was replaced."""

    def __init__(self, path: str, seen: int) -> None:
        self._path = path
        self._size = seen

    def every(self) -> float:
        """A quarter of a second: a stat costs a microsecond."""
        return 0.25

    def look(self) -> Message | None:
        """`InboxChanged` when its size is another one."""
        size = inbox.size(self._path)
        if size == self._size:
            return None
        self._size = size
        return InboxChanged()


class ConfigWatcher:
    """Says when config.json was changed, created or removed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._signature = _signature(path)

    def every(self) -> float:
        """A second."""
        return 1.0

    def look(self) -> Message | None:
        """`ConfigChanged` when the file is another one."""
        signature = _signature(self._path)
        if signature == self._signature:
            return None
        self._signature = signature
        return ConfigChanged()


class ParentWatcher:
    """Says when one of the processes that have the session open is gone.

    The kernel announces that where it can. All of them are looked at every five seconds
    whatever it said (seed: every 5 s), and at once when others have the session open.
    """

    def __init__(
        self,
        processes: Processes,
        parents: Callable[[], frozenset[Identity]],
        clock: Callable[[], float] = time.monotonic,
        open_pidfd: Callable[[int], int] | None = OPEN_PIDFD,
    ) -> None:
        self._processes = processes
        self._parents = parents
        self._clock = clock
        self._poll = select.poll()
        self._ends = ParentEnds(self._poll, processes, open_pidfd)
        self._attended: frozenset[Identity] = frozenset()
        self._due = clock()
        self._gone: set[Identity] = set()

    def every(self) -> float:
        """A quarter of a second: to ask whether an end was announced costs a microsecond."""
        return 0.25

    def look(self) -> Message | None:
        """`ParentGone` when one of them died since the last look."""
        parents = self._parents()
        announced = [descriptor for descriptor, _ in self._poll.poll(0)]
        if not announced and parents == self._attended and self._clock() < self._due:
            return None
        self._due = self._clock() + UNANNOUNCED
        self._attended = parents
        self._ends.take(announced)
        self._ends.attend(parents)
        dead = {
            parent
            for parent in parents
            if parent not in self._gone and not may_live(self._processes, parent)
        }
        self._gone |= dead
        return ParentGone() if dead else None


class FilesWatcher:
    """Says when a file of the session is not what it was, by listing them all.

    Slower than the notifier but never fooled; it takes at most a fiftieth of the time.
    """

    def __init__(
        self, fingerprint: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fingerprint = fingerprint
        self._clock = clock
        self._last = 0
        self._cost = 0.0

    def every(self) -> float:
        """A quarter of a second, or fifty times what a look costs."""
        return max(0.25, 50 * self._cost)

    def look(self) -> Message | None:
        """`FileChanged` when the fingerprint is another one."""
        began = self._clock()
        fingerprint = self._fingerprint()
        self._cost = self._clock() - began
        if fingerprint == self._last:
            return None
        self._last = fingerprint
        return FileChanged()


def _signature(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)
