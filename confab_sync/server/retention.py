"""Removes old sessions while the server runs, a few at a time."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.errors import described

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 10
"""Sessions that are removed in one go."""

LAST_WAIT = 5.0
"""Seconds that a session is given to be removed when the server stops."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds before the first look, after some were removed, and once nothing is left to do."""

    first: float = 2.0
    between: float = 1.0
    rest: float = 3600.0


_log = logging.getLogger(__name__)


class Retention:
    """A thread that has old sessions removed by `remove`, and tells `say` of it.

    `remove` takes how many at most, and says how many it did; without it nothing is removed.
    """

    def __init__(
        self,
        remove: Callable[[int], int] | None,
        say: Callable[[str], None],
        pauses: Pauses | None = None,
    ) -> None:
        self._remove = remove
        self._say = say
        self._pauses = pauses or Pauses()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, if there is anything to do."""
        if self._remove is not None:
            arguments = (self._remove,)
            self._thread = threading.Thread(
                target=self._run, args=arguments, name="retention", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Stop after the session that is just being removed."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(LAST_WAIT)

    def _run(self, remove: Callable[[int], int]) -> None:
        pause, removed = self._pauses.first, 0
        while not self._stopped.wait(pause):
            try:
                now = remove(AT_ONCE)
            except Exception as error:
                _log.warning("old sessions cannot be removed now: %s", described(error))
                now = 0
            removed += now
            if now < AT_ONCE and removed:
                self._say(f"Removed {removed} old session{'' if removed == 1 else 's'}.")
                removed = 0
            pause = self._pauses.rest if now < AT_ONCE else self._pauses.between
