"""Waiting at the end of a session for its daemon's last word, where nobody will come after it."""

from __future__ import annotations

import time

from confab_sync.presence import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.paths import SessionPaths

INTERVAL = 0.02
"""Seconds between two looks at the lock."""


def wait_until_gone(
    paths: SessionPaths,
    patience: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether the session's daemon has left within `patience` seconds.

    Raises `OSError` for what should never be in the place of its lock.
    """
    deadline = clock() + patience
    while lock.is_held(paths.lock):
        if clock() >= deadline:
            return False
        pause(INTERVAL)
    return True
