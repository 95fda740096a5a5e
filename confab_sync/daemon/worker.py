"""The worker: the one thread that runs cycles and talks to the backend.

It may hang in a system call for as long as it likes: the supervisor never waits for it
and can leave without it.
"""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from confab_sync.daemon.log import place
from confab_sync.daemon.messages import CycleDone
from confab_sync.engine.report import CycleReport
from confab_sync.errors import BackendError, ConfabError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from confab_sync.daemon.log import Log
    from confab_sync.daemon.messages import Mailbox
    from confab_sync.engine.session_sync import SessionSync
    from confab_sync.engine.subject import Subject
    from confab_sync.presence.inbox import Record


@dataclass(frozen=True, slots=True)
class Job:
    """One cycle to run.

    A `final` one also tells the backend of the session's `end`, if any, provided that there
    was nothing left to send; a `hurried` one does not wait for files to come to rest.
    """

    subject: Subject
    final: bool = False
    hurried: bool = False
    end: Record | None = None
    reconfigure: bool = False


class Worker:
    """Runs one job at a time and posts `CycleDone` for each.

    `turn` is entered around a cycle: it lets only so many daemons work at once; `note` is
    told of what each came to.
    """

    def __init__(
        self,
        sync: SessionSync,
        mailbox: Mailbox,
        log: Log,
        turn: Callable[[], AbstractContextManager[None]],
        clock: Callable[[], float] = time.monotonic,
        note: Callable[[CycleReport], None] = lambda _: None,
    ) -> None:
        self._sync = sync
        self._mailbox = mailbox
        self._log = log
        self._turn = turn
        self._clock = clock
        self._note = note
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self.busy = False
        """Whether a job was given whose `CycleDone` the supervisor has not seen yet."""

    def start(self) -> None:
        """Wait for jobs until the process ends."""
        self._thread.start()

    def give(self, job: Job) -> None:
        """Hand over a job; only when not busy."""
        self.busy = True
        self._jobs.put(job)

    def run(self, job: Job) -> CycleDone:
        """Do one job. Never raises: what goes wrong is in the report."""
        began = self._clock()
        last = False
        try:
            with self._turn():
                report = self._cycle(job)
            if job.final:
                report, last = self._conclude(job, report)
            self._note(report)
        except Exception as error:
            # A mistake of ours must not end the daemon; it is tried again like any failure.
            self._log.failure("cycle_broke", error)
            broken = ConfabError(f"internal error ({type(error).__name__} in {place(error)})")
            report = CycleReport(job.subject.transcript_path, 0, error=broken)
        return CycleDone(report, self._clock() - began, final=job.final, is_last_word=last)

    def _cycle(self, job: Job) -> CycleReport:
        if job.reconfigure:
            self._sync.reconfigure()
        return self._sync.cycle(job.subject, final=job.final)

    def _conclude(self, job: Job, report: CycleReport) -> tuple[CycleReport, bool]:
        """Put on record how the session stands; end it if this was the last word."""
        last = report.complete and (job.hurried or not report.did_something)
        if last and job.end is not None and not self._ended:
            try:
                self._sync.end(str(job.end.get("timestamp")), job.end.get("hook_input"))
                self._ended = True
            except BackendError as error:
                report, last = replace(report, error=error), False
        self._sync.settle(report)
        return report, last

    def _run(self) -> None:
        while True:
            self._mailbox.post(self.run(self._jobs.get()))
