"""What of a daemon's life becomes an event that others can follow.

Never one for each cycle: only what was otherwise before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.errors import BackendUnavailable
from confab_sync.presence import marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.engine.report import CycleReport

STARTED = "started"
ONLINE = "online"
OFFLINE = "offline"
ERROR = "error"
CAUGHT_UP = "caught up"
STOPPED = "stopped"
REFUSED = "refused"
ENDED = "ended"

IDLE = "idle"
"""The connection of a daemon that had nothing to send yet."""


class Lifecycle:
    """One daemon's events, across all images that its process becomes.

    `record` takes an event and its detail; `connection` is what the state said of it when
    this image began.
    """

    def __init__(self, record: Callable[[str, str], object], connection: str) -> None:
        self._record = record
        self._connection = connection
        self._has_backlog = connection in (OFFLINE, ERROR)

    def cycle(self, report: CycleReport) -> None:
        """A cycle came to this."""
        connection = _connection(report)
        if connection not in (IDLE, self._connection):
            if self._connection == IDLE:
                self._record(STARTED, "")
            self._record(connection, str(report.error or report.backend))
            self._connection = connection
        if report.error is not None or report.more:
            self._has_backlog = True
        elif self._has_backlog:
            self._has_backlog = False
            self._record(CAUGHT_UP, "")

    def end(self, reason: str) -> None:
        """The daemon leaves, because of `reason`."""
        self._record(_end(reason), reason)


def _connection(report: CycleReport) -> str:
    if report.error is not None:
        return OFFLINE if isinstance(report.error, BackendUnavailable) else ERROR
    return ONLINE if report.backend_session_id else IDLE


def _end(reason: str) -> str:
    if consent.is_refusal(reason):
        return REFUSED
    return STOPPED if reason == marker.STOPPED or reason.startswith("signal ") else ENDED
