"""Having the end of processes announced by descriptors, where the kernel does that.

It is Linux's `pidfd_open(2)`: such a descriptor is readable once its process has ended.
"""

from __future__ import annotations

import os

from confab_sync.process import is_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    from confab_sync.process import Identity, Processes

    class Poll(Protocol):
        """What is needed of `select.poll`."""

        def register(self, fd: int, eventmask: int, /) -> None:
            """Wait for this descriptor too."""

        def unregister(self, fd: int, /) -> None:
            """Do so no longer."""


READABLE = 1
"""POLLIN, the same on every Linux."""

OPEN_PIDFD: Callable[[int], int] | None = getattr(os, "pidfd_open", None)
"""What opens such a descriptor here; None where there is no such thing."""


class ParentEnds:
    """The processes whose end wakes whoever waits in `poll`.

    `open_pidfd` returns a descriptor of the process with this pid, or raises `OSError`; None
    where there is no such thing.
    """

    def __init__(
        self, poll: Poll, processes: Processes, open_pidfd: Callable[[int], int] | None
    ) -> None:
        self._poll = poll
        self._processes = processes
        self._open_pidfd = open_pidfd
        self._open: dict[Identity, int] = {}
        self._ended: set[Identity] = set()

    def attend(self, parents: Iterable[Identity]) -> bool:
        """Have the end of exactly these announced.

        False when one of them may end without: it has to be looked at now and then.
        """
        wanted = set(parents)
        for parent in self._open.keys() - wanted:
            self._let_go(parent)
        announced = [self._attend(parent) for parent in wanted]
        return all(announced)

    def announces(self, parent: Identity) -> bool:
        """Whether the end of `parent` will be announced: it lives, then."""
        return parent in self._open

    def take(self, descriptors: Iterable[int]) -> None:
        """Take note of the ends that these descriptors have announced."""
        ready = set(descriptors)
        for parent in [parent for parent, one in self._open.items() if one in ready]:
            self._let_go(parent)
            self._ended.add(parent)

    def _attend(self, parent: Identity) -> bool:
        here = self._processes
        if parent in self._open or parent.boot != here.boot or parent.namespace != here.namespace:
            return True  # of those elsewhere nothing can be seen, now or later
        descriptor = None if parent in self._ended else self._opened(parent.pid)
        # Asked once it is open, since the pid may have been somebody else's before that.
        alive = is_alive(here, parent)
        if descriptor is None:
            return not alive
        if alive:
            self._open[parent] = descriptor
            self._poll.register(descriptor, READABLE)
        else:
            os.close(descriptor)
        return True

    def _opened(self, pid: int) -> int | None:
        try:
            return self._open_pidfd(pid) if self._open_pidfd else None
        except OSError:  # it is gone, the kernel is too old, or there is no descriptor left
            return None

    def _let_go(self, parent: Identity) -> None:
        descriptor = self._open.pop(parent)
        self._poll.unregister(descriptor)
        os.close(descriptor)
