"""The large image of a daemon: everything is put together here, then the supervisor runs."""

from __future__ import annotations

import os
import random
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from confab_sync import __version__
from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.claude.directories import bound_directory
from confab_sync.claude.layout import fingerprint, on_disk, session_files
from confab_sync.daemon import idle
from confab_sync.daemon import log as logs
from confab_sync.daemon.belief import Belief
from confab_sync.daemon.debts import Debts
from confab_sync.daemon.finisher_watch import FinisherWatcher
from confab_sync.daemon.first_state import first_state, lived_as
from confab_sync.daemon.images import Images
from confab_sync.daemon.lifecycle import IDLE, Lifecycle
from confab_sync.daemon.live import Live
from confab_sync.daemon.lookout import Lookout
from confab_sync.daemon.machine import Machine
from confab_sync.daemon.messages import Mailbox
from confab_sync.daemon.notices import Notices
from confab_sync.daemon.notifier import Notifier
from confab_sync.daemon.package import Package
from confab_sync.daemon.permission import Permission
from confab_sync.daemon.schedule import Schedule
from confab_sync.daemon.settings import Settings
from confab_sync.daemon.signal_watch import SignalWatch
from confab_sync.daemon.status import Status
from confab_sync.daemon.supervisor import Supervisor
from confab_sync.daemon.surroundings import Surroundings
from confab_sync.daemon.watchers import ConfigWatcher, FilesWatcher, InboxWatcher, ParentWatcher
from confab_sync.daemon.worker import Worker
from confab_sync.engine import ledgers
from confab_sync.engine.masked import configured_discretion, masking_backend
from confab_sync.engine.session_sync import SessionSync
from confab_sync.errors import ConfigError
from confab_sync.paths import Paths
from confab_sync.presence import departure, due, inbox, lock, marker
from confab_sync.presence import state as states
from confab_sync.presence.session import announce
from confab_sync.presence.slots import Slots
from confab_sync.privacy import tighten
from confab_sync.process import may_live, this_platform

if TYPE_CHECKING:
    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.report import CycleReport
    from confab_sync.errors import RegistryError
    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity

NICENESS = 5
"""How far the daemon steps back behind what the user is doing."""

SWITCH = 0.0005
"""Seconds after which a thread lets the next one go on. With Python's own 5 ms the one that
packs or masks a batch waits for the other most of the time, at each of its brief turns."""

LOGS_KEPT = 14 * 86400
"""Seconds that the log of an ended session is kept."""


def main(arguments: list[str]) -> NoReturn:
    """Run the image. `arguments`: provider and session id."""
    os.set_inheritable(lock.LOCK_FD, False)
    provider, external_id = arguments[:2]
    all_paths = Paths(os.environ)
    paths = all_paths.session(external_id, provider)
    log = logs.Log(all_paths.logs, external_id)
    if not lock.confirm(paths.lock, lock.LOCK_FD):
        os._exit(0)
    try:
        Daemon(all_paths, paths, log, Package()).run()
    except BaseException as error:  # whatever it was: leave no state that says we live
        log.failure("daemon_broke", error)
        departure.abandon(paths, lock.LOCK_FD)
        due.now(all_paths.finisher.due)
        os._exit(1)


class Daemon:
    """The parts of one daemon."""

    def __init__(
        self, all_paths: Paths, paths: SessionPaths, log: logs.Log, package: Package
    ) -> None:
        self._all_paths = all_paths
        self._package = package
        self._paths = paths
        self._log = log
        self._processes = this_platform()
        self._settings = Settings.from_environ(os.environ)
        self._mailbox = Mailbox()
        self._signals = SignalWatch(self._mailbox)
        first = first_state(paths, self._processes)
        self._status = Status(
            first, lambda state: states.write(paths.state, state), states.timestamp
        )
        self._live = Live(
            str(first.get("run_id", "")),
            phase=lambda: self._status.text("phase"),
            connection=lambda: self._status.text("connection"),
            monotonic=time.monotonic,
        )
        self._ledger = ledgers.page(all_paths, paths, self._complain)
        machine = Machine(all_paths, os.environ, self._processes)
        self._debts = Debts(machine, paths, self._complain)
        self._last_report: CycleReport | None = None
        self._notices = Notices(all_paths, self._directory, log)
        self._sync = SessionSync(
            ClaudeCode(),
            self._open_backend,
            self._ledger,
            lived_as=lived_as(first, machine),
            discretion=configured_discretion(all_paths),
        )
        slots = Slots(all_paths.sync, os.cpu_count() or 1)
        self._lifecycle = Lifecycle(self._ledger.record, str(first.get("connection", IDLE)))
        self._worker = Worker(
            self._sync, self._mailbox, log, slots.turn, note=self._lifecycle.cycle
        )
        self._schedule = Schedule(
            self._settings, EmbeddedBackend.pace, random.SystemRandom(), time.monotonic()
        )
        self._images = Images(
            paths, package, self._mailbox, self._signals, self._status, log, self._let_go
        )
        self._supervisor = Supervisor(self._surroundings())

    def run(self) -> NoReturn:
        """Work until it is time to rest or to leave; does not return."""
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        sys.setswitchinterval(SWITCH)
        self._signals.start()
        for exposure in tighten(self._all_paths):
            self._log.write("exposed", path=exposure.path, what=exposure.what)
        self._status.phase("starting", version=__version__)
        self._log.write("working", pid=os.getpid(), version=__version__)
        self._worker.start()
        self._lookout().start()
        Notifier(self._supervisor.transcript_path, self._mailbox).start()
        while True:
            outcome = self._supervisor.run()
            if outcome.rest:
                self._images.rest(outcome.fingerprint)
            elif outcome.renew:
                self._images.renew(outcome.signal)
            else:
                self._leave(outcome.reason)

    def _leave(self, reason: str) -> None:
        """End the process, unless somebody has spoken meanwhile."""
        if not self._worker.busy:
            self._sync.close()
            self._lifecycle.end(reason)
            self._ledger.close()
        was_due = due.is_due(self._all_paths.finisher.due, time.time())
        untold = self._ledger.is_behind
        self._debts.record(self._supervisor.end, self._last_report, untold=untold)
        if not departure.leave(self._paths, lock.LOCK_FD, self._supervisor.inbox_seen):
            return
        self._log.write("ended", reason=reason)
        logs.prune(self._all_paths.logs, time.time() - LOGS_KEPT)
        self._images.wake_finisher(self._processes, was_due=was_due)
        # A worker that hangs in a system call cannot be joined; nothing is left to tidy.
        os._exit(0)

    def _let_go(self) -> None:
        self._sync.close()
        self._ledger.close()

    def _surroundings(self) -> Surroundings:
        permission = Permission(
            self._all_paths,
            self._paths,
            reveal=lambda life: ClaudeCode().working_directory(on_disk(life.transcript_path)),
        )
        return Surroundings(
            mailbox=self._mailbox,
            worker=self._worker,
            schedule=self._schedule,
            status=self._status,
            log=self._log,
            settings=self._settings,
            clock=time.monotonic,
            read_inbox=lambda: inbox.read(self._paths.inbox),
            is_alive=self._is_alive,
            is_current=self._package.is_mine,
            subject=Belief(self._all_paths, self._paths, os.environ).subject,
            idle_seconds=lambda: idle.idle_seconds(self._paths, self._supervisor.transcript_path()),
            announce_move=self._announce_move,
            tell=self._tell_of,
            stay_off=self._stay_off,
            refused=permission.refused,
            config_changed=permission.config_changed,
        )

    def _is_online(self) -> bool:
        """Whether the backend takes what it is sent."""
        report = self._last_report
        return report is not None and report.error is None and report.did_something

    def _lookout(self) -> Lookout:
        return Lookout(
            [
                InboxWatcher(self._paths.inbox, self._supervisor.inbox_seen),
                ConfigWatcher(self._all_paths.config),
                FinisherWatcher(self._all_paths.finisher, os.environ, self._is_online),
                ParentWatcher(self._processes, self._supervisor.parents),
                FilesWatcher(
                    lambda: fingerprint(session_files(self._supervisor.transcript_path()))
                ),
            ],
            self._mailbox,
        )

    def _open_backend(self) -> Backend:
        """The configured backend; the user is told at the next session start if there is none."""
        try:
            backend = masking_backend(
                self._all_paths, self._directory(), self._ledger.count_masked, self._live.fields
            )
        except ConfigError as error:
            self._notices.unusable(error)
            raise
        self._notices.usable()
        self._schedule.keep_to(backend.pace)
        return backend

    def _tell_of(self, report: CycleReport) -> None:
        self._last_report = report
        self._live.cycle(report)
        self._notices.cycle(report)

    def _directory(self) -> str | None:
        """Claude's configuration directory that the session belongs to; None: the default one."""
        return bound_directory(self._supervisor.transcript_path(), os.environ)

    def _complain(self, error: RegistryError) -> None:
        self._log.failure("registry_failed", error)

    def _is_alive(self, identity: Identity) -> bool:
        return may_live(self._processes, identity)

    def _announce_move(self, path: str) -> None:
        record = {"type": inbox.MOVED, "timestamp": states.timestamp(), "transcript_path": path}
        try:
            announce(self._paths, record)
        except OSError as error:
            self._log.failure("inbox_unwritable", error)

    def _stay_off(self, reason: str) -> None:
        try:
            marker.put(self._paths.off, reason)
        except OSError as error:
            self._log.failure("marker_unwritable", error)
