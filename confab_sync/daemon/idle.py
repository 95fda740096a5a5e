"""How long nothing has happened in a session that has no process to watch.

By the wall clock and the files' own times, because the answer must be the same for every
image of the daemon; a clock that jumps can only make a daemon leave early, and the next
prompt starts another.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.paths import SessionPaths

LIMIT = 12 * 3600.0
"""Seconds after which a session without a known Claude Code process counts as over."""


def idle_seconds(
    paths: SessionPaths, transcript_path: str, clock: Callable[[], float] = time.time
) -> float:
    """Seconds since the inbox or the transcript was last written to; 0 if there is neither."""
    times = [moment for path in (paths.inbox, transcript_path) if (moment := _mtime(path))]
    return clock() - max(times) if times else 0.0


def _mtime(path: str) -> float:
    try:
        return os.stat(path, follow_symlinks=False).st_mtime
    except OSError:
        return 0.0
