"""The lookout: one thread that lets every watcher look when its time has come."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confab_sync.daemon.messages import Mailbox
    from confab_sync.daemon.watchers import Watcher


class Lookout:
    """Runs `watchers` and posts what they say; `step` makes it testable without a thread."""

    def __init__(
        self,
        watchers: Sequence[Watcher],
        mailbox: Mailbox,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mailbox = mailbox
        self._clock = clock
        self._due = {watcher: clock() for watcher in watchers}
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def start(self) -> None:
        """Look until the process ends."""
        self._thread.start()

    def step(self) -> float:
        """Let those look whose time has come; seconds until the next one's has."""
        for watcher, due in self._due.items():
            if self._clock() >= due:
                message = watcher.look()
                if message is not None:
                    self._mailbox.post(message)
                self._due[watcher] = self._clock() + watcher.every()
        return max(0.0, min(self._due.values()) - self._clock())

    def _run(self) -> None:
        while True:
            time.sleep(self.step())
