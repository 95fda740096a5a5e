"""The notifier: hears from the kernel that a file of the session changed.

Only a hint that comes sooner than the next look: events get lost on network file systems
and when the kernel's queues run over, and a directory may appear after the watch began.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from watchfiles import watch

from confab_sync.daemon.messages import FileChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.messages import Mailbox

STEP = 100
"""Milliseconds between two looks at the kernel's queue; the library's default is 50."""

PATIENCE = 2000
"""Milliseconds without an event after which the directories are listed anew."""


class Notifier:
    """Posts `FileChanged` for what happens to the transcript and in the session's directory."""

    def __init__(self, transcript_path: Callable[[], str], mailbox: Mailbox) -> None:
        self._transcript_path = transcript_path
        self._mailbox = mailbox
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Listen until the process ends."""
        self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            places = self._places()
            try:
                if places:
                    self._listen(places)
                else:
                    pause.wait(PATIENCE / 1000)
            except (OSError, RuntimeError):
                # Out of watches, or a place vanished at the wrong moment. Looking goes on.
                pause.wait(30)

    def _listen(self, places: list[str]) -> None:
        """Listen to `places` until others are the right ones."""
        for changes in watch(
            *places,
            watch_filter=None,
            debounce=200,
            step=STEP,
            rust_timeout=PATIENCE,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=True,
        ):
            if changes:
                self._mailbox.post(FileChanged())
            if self._places() != places:
                return

    def _places(self) -> list[str]:
        path = self._transcript_path()
        directory = path.removesuffix(".jsonl")
        return [place for place in (path, directory) if os.path.exists(place)]
