"""The process that finishes sessions without a daemon, one after the other, and then ends."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING, Any, NoReturn

from confab_sync.backends.http import holdoff
from confab_sync.daemon import log as logs
from confab_sync.daemon.finishing import Fate, Manner
from confab_sync.daemon.machine import Machine
from confab_sync.daemon.rounds import Round
from confab_sync.daemon.unfinished import unfinished
from confab_sync.errors import BackendUnavailable, ConfabError
from confab_sync.paths import Paths
from confab_sync.presence import due, lock, spawn
from confab_sync.presence import state as states
from confab_sync.presence.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.candidate import Candidate
    from confab_sync.daemon.finishing import Finished
    from confab_sync.engine.report import CycleReport

NICENESS = 10
"""How far it steps back: behind the daemons of living sessions too."""

AGAIN = 6 * 3600.0
"""Seconds to the next look when nothing waits for a backend."""

FOR_A_FILE = 600.0
"""Seconds to the next look when a file ends in a line without its end or could not be read; a
new session's start looks before that."""

AFTER_PAUSE = 600.0
"""Seconds to the next look while the user has paused everything; the end of a pause sets it."""

FIRST_RETRY = 60.0
"""Seconds to the next try after the first failure of the backend; each further one doubles it."""

LONGEST_RETRY = 3600.0

WAITED_FOR = 90.0
"""Seconds that a backend may ask for, or all daemons have agreed on, which are waited out."""


def main() -> NoReturn:
    """Run it; the lock is inherited. Ends the process."""
    os.set_inheritable(lock.LOCK_FD, False)
    paths = Paths(os.environ)
    log = logs.Log(paths.logs, logs.CATCH_UP)
    if not lock.confirm(paths.finisher.lock, lock.LOCK_FD):
        os._exit(0)
    try:
        # Whatever it is doing, it may end at any moment: what is not acknowledged is not done.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, spawn.BLOCKED)
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        Finisher(Machine(paths, os.environ), log).run()
    except BaseException as error:  # whatever it was, the next one must not meet it at once
        log.failure("catch_up_broke", error)
        retry_later(paths, time.time(), random.SystemRandom())
    _remove(paths.finisher.state)
    _remove(paths.finisher.lock)
    os._exit(0)


class Finisher:
    """One run over everything that is unfinished, until nothing is or its backend is down."""

    def __init__(
        self,
        machine: Machine,
        log: logs.Log,
        *,
        rng: random.Random | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._machine = machine
        self._log = log
        self._rng = rng or random.SystemRandom()
        self._pause = pause
        self._patience = WAITED_FOR
        self._state: dict[str, Any] = states.read(machine.paths.finisher.state) or {}
        self._waits = False
        """Whether another look may find more, although no backend was down in the last round."""

    def run(self) -> None:
        """Finish what can be finished, and say when to look again.

        Raises `ConfigError` for settings that cannot be read, and `OSError`.
        """
        place = self._machine.paths.finisher.due
        holdoff.prune(self._machine.paths.backoff, self._machine.now)
        while True:
            # Whoever leaves unsent data behind, or ends a pause, from here on is heard.
            seen = self._mark()
            paused = self._machine.paused()
            if paused is not None:
                self._log.write("paused", reason=paused)
                due.put_off_since(place, seen, self._machine.now + AFTER_PAUSE)
                return
            trouble = self._round()
            if trouble is None:
                if self._machine.paused() is not None:  # what that has cut off is not done
                    continue
                wait = FOR_A_FILE if self._waits else AGAIN
                moment = self._machine.now + wait
                if due.put_off_since(place, seen, moment, waits=self._waits):
                    return
            elif not self._sits_out(trouble):
                retry_later(self._machine.paths, self._machine.now, self._rng)
                return

    def _mark(self) -> due.Mark:
        """What the file says now that makes this run due; it is there from here on."""
        place = self._machine.paths.finisher.due
        if not os.path.exists(place):
            due.put_off(place, self._machine.now)
        return due.mark(place)

    def _round(self) -> ConfabError | None:
        """Go through all that is unfinished; what kept a backend from taking it, if so."""
        complain = self._complain
        candidates = unfinished(self._machine, complain)
        slots = Slots(self._machine.paths.sync, os.cpu_count() or 1)
        manner = Manner(self._progress, complain, slots.turn, self._pause)
        one = Round(self._machine, candidates, manner, pause=self._pause)
        self._log.write("catching_up", sessions=len(candidates))
        self._tell(phase="catching up", done=0, of=len(candidates), current="", lines=0)
        done = 0
        kept_off = 0
        self._waits = False
        for finished in one.run(self._begin):
            done += finished.fate is not Fate.FAILED
            self._waits |= finished.waits
            self._tell(done=done, last_error=str(finished.error or ""))
            if finished.fate is Fate.OFF:
                kept_off += 1
            else:
                self._record(finished)
        if kept_off:  # by their number: of a session that is forgotten nothing is told
            self._log.write("kept_off", sessions=kept_off)
        if one.trouble is not None:
            self._log.failure("backend_down", one.trouble, left=len(candidates) - done)
        return one.trouble

    def _sits_out(self, trouble: ConfabError) -> bool:
        """Wait as long as the backend wants, if that is not long; whether that was done."""
        wait = trouble.retry_after if isinstance(trouble, BackendUnavailable) else None
        if wait is None or wait > self._patience:
            return False
        self._patience -= max(wait, 1.0)
        self._tell(phase="waiting", last_error=str(trouble))
        self._pause(wait)
        return True

    def _begin(self, number: int, candidate: Candidate) -> None:
        self._tell(phase="catching up", current=candidate.external_id)

    def _progress(self, report: CycleReport) -> None:
        self._tell(lines=self._state.get("lines", 0) + report.work.lines_sent)

    def _record(self, finished: Finished) -> None:
        self._log.write(
            "session",
            id=finished.external_id,
            fate=finished.fate.value,
            lines=finished.lines,
            behind=finished.behind,
            reason=finished.reason or finished.error or "",
        )

    def _complain(self, error: ConfabError) -> None:
        self._log.failure("registry_failed", error)

    def _tell(self, **fields: object) -> None:
        """Say how far it is, for `confab sync status`; a full disk does not stop it."""
        self._state.update(fields)
        try:
            states.write(self._machine.paths.finisher.state, self._state)
        except OSError:
            pass


def retry_later(paths: Paths, now: float, rng: random.Random) -> None:
    """Put the next try off, the longer the more often it has failed in a row."""
    failures = due.failures(paths.finisher.due)
    wait = min(FIRST_RETRY * 2.0 ** min(failures, 16), LONGEST_RETRY) * rng.uniform(0.75, 1.25)
    try:
        due.put_off(paths.finisher.due, now + wait, failures + 1)
    except OSError:  # a full disk: then the next hook tries
        pass


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
