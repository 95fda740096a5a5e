"""The supervisor: takes the messages one by one and decides what the daemon does.

It does no network and no long file work itself. Time, randomness, the worker and the
inbox come from outside, so a test posts messages, moves a clock and looks at what it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.daemon import idle
from confab_sync.daemon.messages import (
    ConfigChanged,
    CycleDone,
    FileChanged,
    InboxChanged,
    Signalled,
)
from confab_sync.daemon.stopping import Stopping
from confab_sync.daemon.surroundings import Outcome
from confab_sync.daemon.worker import Job
from confab_sync.errors import SessionGone
from confab_sync.presence import marker
from confab_sync.presence.life import Life, fold
from confab_sync.presence.session import NUDGE
from confab_sync.process import signals

if TYPE_CHECKING:
    from confab_sync.daemon.messages import Message
    from confab_sync.daemon.surroundings import Surroundings
    from confab_sync.errors import ConfabError
    from confab_sync.presence.inbox import Record
    from confab_sync.process import Identity

GONE_LIMIT = 3
"""Cycles in a row in which the backend no longer knows the session, until it is believed."""

FOREIGN_END_GRACE = 10.0
"""Seconds in which a SIGTERM is taken for the second half of the Go CLI's stop protocol."""


class Supervisor:
    """One daemon's decisions, from its start to its end."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._life = Life()
        self._stopping: Stopping | None = None
        self._outcome: Outcome | None = None
        self._fingerprint = 0
        self._clean = False
        self._gone = 0
        self._signal = 0
        """The signal that the daemon stops for, if it does."""
        now = around.clock()
        self._last_activity = now
        self._foreign_end = now - FOREIGN_END_GRACE
        self.inbox_seen = 0
        """Bytes of the inbox that were read."""

    def parents(self) -> frozenset[Identity]:
        """The processes that have the session open, for the watcher in the lookout."""
        return frozenset(self._life.parents)

    @property
    def end(self) -> Record | None:
        """The session_end that was heard, unless somebody came back after it."""
        return self._life.end

    def transcript_path(self) -> str:
        """Where the transcript was last known to lie."""
        return self._around.subject(self._life).transcript_path

    def run(self) -> Outcome:
        """Work until there is a reason to rest or to leave.

        May be called again when there was no leaving, because the inbox has grown.
        """
        self._outcome = None
        self._stopping = None
        self.read_inbox()
        while self._outcome is None:
            self.handle(self._around.mailbox.take(self.patience()))
        return self._outcome

    def handle(self, message: Message) -> Outcome | None:
        """Take one message in; the outcome once there is one."""
        now = self._around.clock()
        if isinstance(message, CycleDone):
            self._cycle_done(message, now)
        elif isinstance(message, FileChanged):
            self._around.schedule.hint(now)
        elif isinstance(message, InboxChanged):
            self.read_inbox()
            self._ask_permission()
        elif isinstance(message, ConfigChanged):
            self._around.schedule.at_once(now)
            self._ask_permission()
        elif isinstance(message, Signalled):
            self._signalled(message.number, now)
            self._ask_permission()
        else:
            self._consider_life()
        self._act()
        return self._outcome

    def patience(self) -> float:
        """Seconds that the supervisor may sleep if nothing is posted."""
        now = self._around.clock()
        if self._stopping is not None:
            due = self._stopping.next_moment(self._around.schedule.due)
            if self._around.worker.busy:
                due = self._stopping.deadline
        elif self._around.worker.busy:
            return self._around.settings.interval
        else:
            due = min(self._around.schedule.due, self._rest_due())
        return max(0.0, due - now)

    def read_inbox(self) -> bool:
        """Fold the inbox anew; True when it held more than before."""
        try:
            records, size = self._around.read_inbox()
        except OSError as error:
            self._around.log.failure("inbox_unreadable", error)
            return False
        grown = size != self.inbox_seen
        if grown:
            self.inbox_seen = size
            self._life = fold(records)
            now = self._around.clock()
            self._last_activity = now
            self._around.schedule.hint(now)
            if self._life.end is not None and not self._life.end.get("parent"):
                self._foreign_end = now
            self._consider_life()
        return grown

    def _consider_life(self) -> None:
        """Stop when nobody is left, go on when somebody came back."""
        life = self._life
        settings = self._around.settings
        now = self._around.clock()
        if life.stops:
            self._stop("stopped by the user", now, quiet=0.0, asked=life.stops)
        elif any(self._around.is_alive(parent) for parent in life.parents):
            if self._stopping is not None and self._stopping.yields:
                self._resume()
        elif not life.unnamed_parent and (life.parents or life.end is not None):
            reason = "Claude Code is gone" if life.end is None else "session ended"
            self._stop(reason, now, quiet=settings.quiet)
        elif self._around.idle_seconds() > idle.LIMIT:
            self._stop("idle, and no Claude Code to watch", now, quiet=0.0)

    def _signalled(self, number: int, now: float) -> None:
        news = self.read_inbox()
        if number == NUDGE:
            self._last_activity = now
            self._around.schedule.hint(now)
            return
        if news and self._stopping is not None:
            return
        if self._stopping is None and now - self._foreign_end < FOREIGN_END_GRACE:
            return  # the Go CLI writes its record first and signals after it (contract §4.2)
        repeated = self._stopping is not None and self._stopping.is_asked
        asked = 1 + (repeated and number == signals.SIGINT)
        self._signal = number
        self._stop(f"signal {number}", now, quiet=0.0, asked=asked)

    def _stop(self, reason: str, now: float, *, quiet: float, asked: int = 0) -> None:
        if self._stopping is None:
            budget = self._around.settings.shutdown_budget
            self._stopping = Stopping(reason, now, budget=budget, quiet=quiet)
            self._around.log.write("stopping", reason=reason)
            self._around.status.phase("stopping", reason=reason)
            self._around.schedule.at_once(now)
        self._stopping.ask(asked, now)

    def _resume(self) -> None:
        self._stopping = None
        self._signal = 0
        self._around.log.write("resumed")
        self._around.status.phase("syncing", reason="")

    def _cycle_done(self, message: CycleDone, now: float) -> None:
        around = self._around
        around.worker.busy = False
        report = message.report
        if report.did_something or report.fingerprint != self._fingerprint:
            self._last_activity = now
            if self._stopping is not None:
                self._stopping.hold_until(now + self._stopping.quiet)
        self._fingerprint = report.fingerprint
        self._clean = report.may_rest
        if report.transcript_path != self.transcript_path():
            around.announce_move(report.recorded_path)
            self.read_inbox()
        if report.error is not None:
            around.schedule.failed(now, getattr(report.error, "retry_after", None))
            around.log.failure("cycle_failed", report.error, behind=report.behind)
            self._count_gone(report.error, now)
        else:
            self._gone = 0
            around.schedule.succeeded(now, busy=report.did_something, more=report.more)
        if report.did_something:
            around.log.write(
                "cycle",
                lines=report.work.lines_sent,
                bytes=report.work.bytes_sent,
                side_files=report.work.side_files_sent,
                behind=report.behind,
                files=report.work.files_seen,
                seconds=message.seconds,
            )
        around.status.cycle(report)
        around.tell(report)
        if self._stopping is None:
            around.status.phase("syncing" if report.files else "waiting")
        else:
            self._stopping.cycle_done(message, now)

    def _count_gone(self, error: ConfabError, now: float) -> None:
        """A session that was deleted at the backend is not to be recreated (contract §3.6)."""
        self._gone = self._gone + 1 if isinstance(error, SessionGone) else 0
        if self._gone == GONE_LIMIT:
            self._around.stay_off(marker.DELETED)
            self._stop(marker.DELETED, now, quiet=0.0, asked=2)

    def _ask_permission(self) -> bool:
        """Whether the daemon may go on; otherwise it leaves at once and sends nothing more."""
        refused = self._around.refused(self._life)
        if refused is not None:
            self._around.log.write("refused", reason=refused)
            self._outcome = Outcome(rest=False, reason=refused)
        return refused is None

    def _act(self) -> None:
        """Do what is due now."""
        if self._outcome is not None:
            return
        around = self._around
        now = around.clock()
        if self._stopping is not None:
            if self._stopping.is_over(now):
                self._outcome = Outcome(rest=False, reason=self._stopping.reason)
            elif not around.worker.busy:
                self._work(now, self._stopping)
        elif not around.worker.busy:
            if now >= around.schedule.due:
                self._work(now)
            elif now >= self._rest_due():
                self._outcome = Outcome(rest=True, reason="quiet", fingerprint=self._fingerprint)

    def _work(self, now: float, stopping: Stopping | None = None) -> None:
        final = stopping is not None and stopping.is_time_for_final(now)
        if not final and now < self._around.schedule.due:
            return
        if not self._around.is_current():
            # The job might import what no longer fits the rest of this image.
            self._outcome = Outcome(rest=False, reason="replaced", renew=True, signal=self._signal)
            return
        if not self._ask_permission():
            return
        job = Job(
            subject=self._around.subject(self._life),
            final=final,
            hurried=stopping is not None and not stopping.quiet,
            end=self._life.end,
            reconfigure=self._around.config_changed(),
        )
        self._around.worker.give(job)

    def _rest_due(self) -> float:
        if not self._clean:
            return float("inf")
        settings = self._around.settings
        wait = settings.rest_after if self._fingerprint else settings.wait_before_rest
        return self._last_activity + wait
