"""The thread that waits for signals, so that none ever interrupts anything.

They stay blocked in every thread from before the daemon's first instruction, which is why
none is lost while it starts; here they are taken one by one. The thread can be ended
again, after which signals stay pending for the image that comes next.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from confab_sync.daemon.messages import Signalled
from confab_sync.presence.spawn import BLOCKED

if TYPE_CHECKING:
    from confab_sync.daemon.messages import Mailbox

_ENOUGH = signal.SIGUSR2
"""Sent to the thread itself, by its owner, to end it."""


class SignalWatch:
    """Posts `Signalled` for each blocked signal that arrives."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Wait until `stop`. First called before any other thread is started."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {*BLOCKED, _ENOUGH})
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what arrives from now on stays pending."""
        if self._thread is not None and self._thread.ident is not None:
            signal.pthread_kill(self._thread.ident, _ENOUGH)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            number = signal.sigwait({*BLOCKED, _ENOUGH})
            if number == _ENOUGH:
                return
            self._mailbox.post(Signalled(number))
