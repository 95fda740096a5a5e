"""Going on as another image of the same process, with its lock and its pending signals."""

from __future__ import annotations

import os
import sys
import time

from confab_sync.presence import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

PATIENCE = 10.0
"""Seconds to try while the interpreter is being replaced, or there is no memory for it."""

PAUSE = 0.1
"""Seconds between two tries."""


def become(
    command: list[str],
    complain: Callable[[OSError], object] = lambda _: None,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Become `command`; `complain` is told why that is impossible in the end.

    Then the process ends and leaves all that a killed one leaves: state and inbox say to
    whoever comes next that there is a session to be finished.
    """
    os.set_inheritable(lock.LOCK_FD, True)
    deadline = clock() + PATIENCE
    while True:
        try:
            os.execve(sys.executable, command, dict(os.environ))
        except OSError as error:
            if clock() > deadline:
                complain(error)
                os._exit(1)
        pause(PAUSE)
