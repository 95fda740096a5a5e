"""Finishing one session without a daemon: take its lock, send what is missing, let go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.presence import departure, lock, marker
from confab_sync.presence.session import make_session_directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.engine.report import CycleReport
    from confab_sync.engine.session_sync import SessionSync
    from confab_sync.engine.subject import Subject
    from confab_sync.paths import SessionPaths


def catch_up(
    paths: SessionPaths,
    sync: SessionSync,
    subject: Subject,
    *,
    is_quiet: bool,
    progress: Callable[[CycleReport], None] = lambda _: None,
) -> CycleReport | None:
    """Bring the session's copy up to date; None when a daemon has it or it is kept off.

    `is_quiet` says that nobody writes to it any more; `progress` is told of every step.
    The report's error says what stopped it. Raises `OSError` when the session cannot be
    locked.
    """
    make_session_directory(paths)
    taken = lock.take(paths.lock)
    if taken is None:
        return None
    try:
        if marker.reason(paths.off) is not None:  # put since the caller looked
            return None
        while True:
            report = sync.cycle(subject, final=is_quiet)
            progress(report)
            if report.error is not None or not report.more:
                break
        sync.settle(report)
        return report
    finally:
        _let_go(paths, taken)


def _let_go(paths: SessionPaths, taken: int) -> None:
    """Leave nothing behind, except what a hook has said meanwhile."""
    try:
        gone = departure.leave(paths, taken, 0)
    except OSError:  # an inbox that cannot be opened: the lock goes back all the same
        gone = False
    if not gone:
        os.close(taken)
