"""Looks from a living daemon whether other sessions should be finished, and has it begun."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from confab_sync.presence import due, finisher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.daemon.messages import Message
    from confab_sync.paths import FinisherPaths

EVERY = 60.0
"""Seconds from one look to the next."""

LONGEST = 3600.0
"""Seconds between two early beginnings at most."""


class FinisherWatcher:
    """A watcher that never has anything to say: it starts the finisher itself.

    `is_online` says whether the backend takes what this daemon sends: then nothing needs to
    wait for it any longer. What waits may wait for another backend, though, so it is begun
    early ever less often.
    """

    def __init__(
        self,
        paths: FinisherPaths,
        environ: Mapping[str, str],
        is_online: Callable[[], bool],
        *,
        clock: Callable[[], float] = time.time,
        spawn: Callable[[Mapping[str, str]], None] = finisher.spawn_waker,
    ) -> None:
        self._paths = paths
        self._environ = environ
        self._is_online = is_online
        self._clock = clock
        self._spawn = spawn
        self._patience = EVERY
        """Seconds from an early beginning to the next one."""
        self._not_before = 0.0

    def every(self) -> float:
        """A minute."""
        return EVERY

    def look(self) -> Message | None:
        """Start the finisher if it is due, or if what waits for the backend need not."""
        now = self._clock()
        try:
            failures = due.failures(self._paths.due)
            is_due = due.is_due(self._paths.due, now)
            if not failures:
                self._patience = EVERY
            elif not is_due and now >= self._not_before and self._is_online():
                due.put_off(self._paths.due, now, failures)
                is_due = True
                self._not_before = now + self._patience
                self._patience = min(self._patience * 2, LONGEST)
            if is_due and not finisher.is_running(self._paths):
                self._spawn(self._environ)
        except OSError:  # this daemon's own session is what matters
            pass
        return None
