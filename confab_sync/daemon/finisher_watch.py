"""Looks from a living daemon whether other sessions should be finished, and has it begun."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from confab_sync.presence import due, finisher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.daemon.messages import Message
    from confab_sync.paths import FinisherPaths


class FinisherWatcher:
    """A watcher that never has anything to say: it starts the finisher itself.

    `is_online` says whether the backend takes what this daemon sends: then nothing needs to
    wait for it any longer.
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

    def every(self) -> float:
        """A minute."""
        return 60.0

    def look(self) -> Message | None:
        """Start the finisher if it is due, or if what waits for the backend need not."""
        now = self._clock()
        try:
            failures = due.failures(self._paths.due)
            is_due = due.is_due(self._paths.due, now)
            if failures and not is_due and self._is_online():
                due.put_off(self._paths.due, now, failures)
                is_due = True
            if is_due and not finisher.is_running(self._paths):
                self._spawn(self._environ)
        except OSError:  # this daemon's own session is what matters
            pass
        return None
