"""Finishing one session without a daemon: take its lock, send what is missing, let go."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

from confab_sync.errors import ConfabError, SessionGone
from confab_sync.presence import departure, inbox, lock, marker
from confab_sync.presence.session import make_session_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from confab_sync.engine.report import CycleReport
    from confab_sync.engine.session_sync import SessionSync
    from confab_sync.engine.subject import Subject
    from confab_sync.paths import SessionPaths

GONE_LIMIT = 3
"""Cycles in a row in which the backend no longer knows the session, until it is believed."""

GONE_PAUSE = 1.0
"""Seconds between them: a backend that is being put in order may know it again."""


def catch_up(
    paths: SessionPaths,
    sync: SessionSync,
    subject: Subject,
    *,
    is_quiet: bool,
    seen: int = 0,
    began: Callable[[], None] = lambda: None,
    progress: Callable[[CycleReport], None] = lambda _: None,
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    is_refused: Callable[[], bool] = lambda: False,
    pause: Callable[[float], None] = time.sleep,
) -> CycleReport | None:
    """Bring the session's copy up to date; None when somebody else has the session.

    `is_quiet` says that nobody writes to it any more; `seen` is the size in bytes up to which
    its inbox is known, if a daemon that died has left one. `began` is called once it is ours,
    `progress` is told of every step, `turn` is entered around each. The session is let go as
    soon as a hook says something, whose daemon goes on, and as soon as a marker or
    `is_refused`, asked before every step, keeps it off. The report's error says what stopped
    it. Raises `OSError` when the session cannot be locked.
    """
    make_session_directory(paths)

    def must_leave() -> bool:
        if inbox.size(paths.inbox) > seen or marker.reason(paths.off) is not None:
            return True
        return is_refused()

    taken = lock.take(paths.lock)
    if taken is None:
        return None
    try:
        if must_leave():  # somebody has spoken since the caller looked
            return None
        began()

        def step() -> CycleReport:
            with turn():
                report = sync.cycle(subject, final=is_quiet)
            progress(report)
            if report.complete and not must_leave():
                return _with_its_end(sync, subject, report)
            return report

        report = _send(paths, step, must_leave, pause)
        sync.settle(report)
        return report
    finally:
        departure.let_go(paths, taken, seen)


def _send(
    paths: SessionPaths,
    step: Callable[[], CycleReport],
    must_leave: Callable[[], bool],
    pause: Callable[[float], None],
) -> CycleReport:
    """Step by step, until nothing is left to send or something stands in the way."""
    gone = 0
    while True:
        report = step()
        if isinstance(report.error, SessionGone):
            gone += 1
            if gone == GONE_LIMIT:
                marker.put(paths.off, marker.DELETED)
                return report
            pause(GONE_PAUSE)
            if must_leave():
                return report
        elif report.error is not None or not report.more or must_leave():
            return report


def _with_its_end(sync: SessionSync, subject: Subject, report: CycleReport) -> CycleReport:
    """Tell the backend how the session ended, where it was not told yet."""
    try:
        sync.tell_ends(subject)
    except ConfabError as error:
        return report.failed(error)
    return report
