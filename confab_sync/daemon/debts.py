"""What a leaving daemon could not do, put on record for whoever finishes its session."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.engine import ledgers
from confab_sync.engine.known import OwedEnd
from confab_sync.engine.masked import masked_payload
from confab_sync.presence import due

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.machine import Machine
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.report import CycleReport
    from confab_sync.errors import RegistryError
    from confab_sync.paths import SessionPaths
    from confab_sync.presence.inbox import Record


class Debts:
    """One session's; with a connection of its own, since a worker that hangs keeps the other."""

    def __init__(
        self, machine: Machine, paths: SessionPaths, complain: Callable[[RegistryError], None]
    ) -> None:
        self._machine = machine
        self._paths = paths
        self._complain = complain

    def record(
        self, end: Record | None, report: CycleReport | None, *, untold: bool = False
    ) -> None:
        """Remember an `end` that the backend was not told of; `report` is that of the last cycle.

        Where anything waits for the backend, or the registry is `untold` of what the backend
        has, the next hook is to see to it at once; where a line waits for its end, or a file
        could not be read, the next start of a session.
        """
        with closing(ledgers.page(self._machine.paths, self._paths, self._complain)) as ledger:
            if end is not None:
                owe_end(self._machine, ledger, end)
            owing = bool(ledger.ends_owed())
        place = self._machine.paths.finisher.due
        try:
            if owing or untold or report is None or not report.complete:
                due.put_off(place, time.time(), max(1, due.failures(place)))
            elif (report.behind or report.unread) and os.path.exists(place):
                # A line may get its end, a file its permissions: the next session's start looks.
                due.put_off(place, due.moment(place), due.failures(place), waits=True)
        except OSError:  # a full disk: it is due in a few hours at the latest
            pass


def owe_end(machine: Machine, ledger: Ledger, record: Record) -> None:
    """Remember a session_end until the backend was told of it; a told one stays told."""
    timestamp = str(record.get("timestamp"))
    if not ledger.was_told(timestamp):
        payload = masked_payload(machine.paths, record.get("hook_input"))
        ledger.owe_end(OwedEnd(timestamp, payload))
