"""Sleeping until something may have happened, at next to no cost.

One `poll` waits for everything. Signals stay blocked but for its length, and are written
into a pipe then (`signal.set_wakeup_fd`), so that one which comes a moment before it ends
it too; those that the daemon must deal with are made pending again for whoever does. Where
changes cannot be announced, it is short sleeps instead.
"""

from __future__ import annotations

import os
import time

from confab_sync.daemon.directory_news import DirectoryNews
from confab_sync.daemon.parent_ends import OPEN_PIDFD, READABLE, ParentEnds
from confab_sync.presence.spawn import BLOCKED
from confab_sync.process import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from select import poll

    from confab_sync.process import Identity, Processes

UNANNOUNCED = 5.0
"""Seconds between two looks at what does not announce itself (seed: parents every 5 s)."""

SHORT_LOOK = 1.0
"""The same where nothing can be announced."""

CALM = 0.5
"""Seconds to sit out after a false alarm: a neighbour may be writing to the same directory."""

FULL = 65536
"""Bytes that a pipe holds at most unless somebody asks for more (pipe(7))."""


class Waiting:
    """Waits for a signal, a change in the watched directories, the end of a parent, or a time.

    With `announced` it is the kernel that tells of them.
    """

    def __init__(self, processes: Processes, *, announced: bool) -> None:
        self.was_told = False
        """Whether the last wait ended because a change was announced."""
        self.tells_ends = False
        """Whether the end of every parent will end a wait."""
        self._news: DirectoryNews | None = None
        self._arrived: set[int] = set()
        if not announced:
            return
        try:
            self._pipe, wakeup = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # no descriptor left: what was there before announcements is there still
            return
        from select import poll

        self._poll: poll = poll()
        self._poll.register(self._pipe, READABLE)
        self._news = DirectoryNews()
        self._ends = ParentEnds(self._poll, processes, OPEN_PIDFD)
        self._all = BLOCKED | self._news.signals
        signals.pthread_sigmask(signals.SIG_BLOCK, self._all)
        signals.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        for number in self._all:
            signals.signal(number, self._note)

    @property
    def unannounced(self) -> float:
        """Seconds between two looks at what does not announce itself."""
        return UNANNOUNCED if self._news else SHORT_LOOK

    def watch(self, directories: Sequence[str]) -> bool:
        """Have changes in exactly these directories announced, as far as that is possible.

        True when a watch has begun: what appeared in that directory before was not announced.
        """
        return self._news is not None and self._news.watch(directories)

    def covers(self, directories: Iterable[str]) -> bool:
        """Whether changes in all of these are announced."""
        return self._news is not None and self._news.covers(directories)

    def attend(self, parents: Iterable[Identity]) -> None:
        """Have the end of exactly these processes announced, as far as that is possible."""
        self.tells_ends = self._news is not None and self._ends.attend(parents)

    def attends(self, parent: Identity) -> bool:
        """Whether the end of `parent` will end a wait: it lives, then."""
        return self._news is not None and self._ends.announces(parent)

    def wait(self, longest: float) -> bool:
        """Sleep `longest` seconds or less; True when there is a signal to be dealt with."""
        self.was_told = False
        if self._news is None:
            return self._portable_wait(min(longest, SHORT_LOOK))
        self._ends.take(self._sleep(self._all, longest))
        self.was_told = not self._news.signals.isdisjoint(self._arrived)
        return self._make_pending()

    def sit_out(self) -> bool:
        """Sleep a moment after a false alarm; True when there is a signal to be dealt with."""
        if self._news is None:
            return False
        self._sleep(BLOCKED, CALM)
        return self._make_pending()

    def _sleep(self, numbers: Iterable[int], longest: float) -> list[int]:
        """Let these signals in for so many seconds or until one comes.

        Returns the descriptors that have something to say; `_arrived` are the signals.
        """
        self._arrived.clear()
        signals.pthread_sigmask(signals.SIG_UNBLOCK, numbers)
        try:
            ready = [descriptor for descriptor, _ in self._poll.poll(longest * 1000)]
        finally:
            # By its return it has called `_note` for whatever was let in.
            signals.pthread_sigmask(signals.SIG_BLOCK, numbers)
        if self._arrived:
            os.read(self._pipe, FULL)
        return ready

    def _note(self, number: int, frame: object) -> None:
        self._arrived.add(number)

    def _make_pending(self) -> bool:
        """Send ourselves what has to be dealt with: it is blocked, so it is pending again."""
        to_obey = self._arrived & BLOCKED
        for number in to_obey:
            os.kill(os.getpid(), number)
        return bool(to_obey)

    def _portable_wait(self, longest: float) -> bool:
        deadline = time.monotonic() + longest
        while time.monotonic() < deadline:
            if signals.sigpending() & BLOCKED:
                return True
            time.sleep(0.25)
        return False
