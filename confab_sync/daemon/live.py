"""What a daemon says of itself in passing, to a server that wants to hear it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.engine.report import CycleReport

LATEST = ("online", "error")
"""Connections that a request which arrives does not disprove."""


class Live:
    """Where the daemon stands, from cycle to cycle; nothing of what was said in the session.

    `phase` and `connection` give the words of the state; `monotonic` gives seconds.
    """

    def __init__(
        self,
        run_id: str,
        phase: Callable[[], str],
        connection: Callable[[], str],
        monotonic: Callable[[], float],
    ) -> None:
        self._run_id = run_id
        self._phase = phase
        self._connection = connection
        self._monotonic = monotonic
        self._behind: int | None = None
        self._behind_since: float | None = None

    def cycle(self, report: CycleReport) -> None:
        """Take over what a cycle came to."""
        self._behind = report.behind
        if report.complete:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = self._monotonic()

    def fields(self) -> dict[str, object]:
        """The fields of `wire.LIVE_HEADER` that are known now.

        Whoever sends lines is syncing, whatever the state said before, and is not offline.
        `lag_seconds` is for how long not everything could be sent.
        """
        since, connection = self._behind_since, self._connection()
        lag = 0.0 if since is None else round(self._monotonic() - since, 1)
        return {
            "phase": "stopping" if self._phase() == "stopping" else "syncing",
            "connection": connection if connection in LATEST else "online",
            "run_id": self._run_id,
            "version": __version__,
            "lag_seconds": lag,
            "behind_bytes": self._behind,
        }
