"""The end of a daemon: wait until the files are quiet, send the rest, within a budget.

Source: the seed's shutdown (30 s budget) and design, "Files": after session_end the file
may still grow for a moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.daemon.messages import CycleDone

FIRST_RETRY = 0.5
"""Seconds to the first repetition of a final sync that failed; each one waits twice as long."""


class Stopping:
    """One attempt to stop, which somebody who comes back may still undo.

    Times are seconds of the monotonic clock.
    """

    def __init__(self, reason: str, now: float, *, budget: float, quiet: float) -> None:
        self.reason = reason
        self.deadline = now + budget
        """When the daemon leaves, come what may."""
        self.quiet = quiet
        """How long the files must not have changed before the final sync."""
        self._hold = now + quiet
        self._asked = 0
        self._done = False
        self._is_hopeless = False
        self._retry = FIRST_RETRY

    @property
    def yields(self) -> bool:
        """Whether somebody who comes back ends the stopping: not if the user asked for it."""
        return not self.is_asked and not self._done

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked for it, rather than that the session has ended."""
        return self._asked > 0

    def ask(self, times: int, now: float) -> None:
        """The user, or the system, asks for the `times`-th time; the second cuts all short."""
        if times:
            self._asked = max(self._asked, times)
            self.quiet = 0.0
            self._hold = min(self._hold, now)

    def hold_until(self, moment: float) -> None:
        """The final sync is not to begin before this moment: a file was still growing."""
        self._hold = max(self._hold, min(moment, self.deadline))

    def cycle_done(self, message: CycleDone, now: float) -> None:
        """Take in what a cycle came to."""
        if not message.final:
            return
        if message.is_last_word:
            self._done = True
        elif message.report.error is not None:
            # A backend that asks for more time than is left will not be asked again.
            wait = getattr(message.report.error, "retry_after", None) or 0.0
            self._is_hopeless = now + wait > self.deadline
            self._hold = now + self._retry
            self._retry *= 2

    def is_time_for_final(self, now: float) -> bool:
        """Whether the files were quiet for long enough."""
        return now >= self._hold

    def is_over(self, now: float) -> bool:
        """Whether everything is sent, or nothing more will be tried."""
        return self._done or self._is_hopeless or self._asked > 1 or now >= self.deadline

    def next_moment(self, cycle_due: float) -> float:
        """When there is something to do again."""
        return min(self.deadline, self._hold, cycle_due)
