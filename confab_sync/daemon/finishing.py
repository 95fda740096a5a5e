"""Finishing one session: what catching up needs is put together, and what came of it told."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.claude.directories import bound_directory
from confab_sync.claude.layout import locate
from confab_sync.claude.workplaces import workplaces
from confab_sync.daemon.abandoned import clear
from confab_sync.daemon.debts import owe_end
from confab_sync.daemon.lifecycle import CAUGHT_UP
from confab_sync.daemon.settled import QUIET_SECONDS
from confab_sync.engine import ledgers
from confab_sync.engine.catch_up import catch_up
from confab_sync.engine.masked import configured_discretion, masking_backend
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.errors import ConfabError, SessionGone, of_system
from confab_sync.presence import inbox, marker, session
from confab_sync.presence.life import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager

    from confab_sync.backends.protocol import Backend
    from confab_sync.daemon.candidate import Candidate
    from confab_sync.daemon.machine import Machine
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.report import CycleReport
    from confab_sync.errors import RegistryError
    from confab_sync.paths import SessionPaths


class Fate(Enum):
    """What became of a session."""

    ARCHIVED = "archived"
    LEFT = "left to its daemon"
    OFF = "kept off"
    GONE = "gone from disk"
    FAILED = "not archived"


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of finishing one session: the lines it has now, and what went wrong or why not.

    `behind` counts the bytes that wait: those of an unfinished line, if nothing went wrong.
    """

    external_id: str
    fate: Fate
    lines: int = 0
    behind: int = 0
    error: ConfabError | None = None
    reason: str = ""

    @property
    def waits(self) -> bool:
        """Whether another look may find more: a line's end, a file that may be read again."""
        return self.fate is Fate.FAILED or (self.fate is Fate.ARCHIVED and self.behind > 0)


@dataclass(frozen=True, slots=True)
class Manner:
    """How sessions are finished: who is told of progress and trouble, whose turn it is."""

    progress: Callable[[CycleReport], None] = lambda _: None
    complain: Callable[[RegistryError], None] = lambda _: None
    turn: Callable[[], AbstractContextManager[None]] = nullcontext
    pause: Callable[[float], None] = time.sleep


def finish(machine: Machine, candidate: Candidate, manner: Manner) -> Finished:
    """Bring one session's copy up to date, unless somebody else does or the user forbids it.

    Never raises for the session's files, its backend or the configuration. A hook that spoke
    while the session was locked here has its daemon afterwards.
    """
    name = candidate.external_id
    paths = machine.paths.session(name)
    path = locate(candidate.transcript_path) or candidate.transcript_path
    try:
        places = {*workplaces(path), *candidate.directories, *filter(None, (candidate.cwd,))}
        why = machine.kept_off(paths, places)
        if why is not None:
            # What a dead daemon had heard, such as an end, is for later when this is a pause.
            if candidate.seen and not consent.is_pause(why):
                clear(paths, candidate.seen)
            return Finished(name, Fate.OFF, reason=why)
        if session.foreign_daemon(paths, machine.processes) is not None:
            return Finished(name, Fate.LEFT, reason="the Go CLI has it")
        if candidate.is_live:
            _start_daemon(machine, paths)
            return Finished(name, Fate.LEFT)
        report = _catch_up(machine, candidate, path, places, manner)
        why = marker.reason(paths.off) or machine.kept_off(paths, places)
    except (ConfabError, OSError) as error:
        trouble = error if isinstance(error, ConfabError) else ConfabError(of_system(error))
        return Finished(name, Fate.FAILED, error=trouble)
    if why is not None and _was_cut_off(report):
        return Finished(name, Fate.OFF, reason=why)
    return _summed_up(name, report)


def _was_cut_off(report: CycleReport | None) -> bool:
    """Whether a session that is kept off by now was so before everything was sent."""
    return report is None or report.more or isinstance(report.error, SessionGone)


def _summed_up(name: str, report: CycleReport | None) -> Finished:
    if report is None:
        return Finished(name, Fate.LEFT)
    lines = sum(file.lines for file in report.files)
    if report.error is not None:
        return Finished(name, Fate.FAILED, lines, report.behind, report.error)
    if not report.files:
        return Finished(name, Fate.GONE)
    if report.more:  # a hook has spoken
        return Finished(name, Fate.LEFT, lines, report.behind)
    unread = [f"{file.name}: {file.note}" for file in report.files if file.is_unread]
    if unread:
        return Finished(name, Fate.FAILED, lines, report.behind, ConfabError(unread[0]))
    return Finished(name, Fate.ARCHIVED, lines, report.behind)


def _catch_up(
    machine: Machine, candidate: Candidate, path: str, places: Collection[str], manner: Manner
) -> CycleReport | None:
    paths = machine.paths.session(candidate.external_id)
    cwd = candidate.cwd or ClaudeCode().working_directory(path)
    ledger = ledgers.page(machine.paths, paths, manner.complain, machine.clock)

    def open_backend() -> Backend:
        bound = bound_directory(path, machine.environ)
        return masking_backend(machine.paths, bound, ledger.count_masked)

    discretion = configured_discretion(machine.paths)
    sync = SessionSync(
        ClaudeCode(),
        open_backend,
        ledger,
        lived_as=_lived_as(machine, ledger),
        discretion=discretion,
    )
    subject = Subject(candidate.external_id, path, cwd, is_live=False)

    def began() -> None:
        """Take the end that a dead daemon had heard of out of its inbox, which goes."""
        if candidate.end is not None:
            ledger.see(discretion.transcript(path, cwd), discretion.text(cwd))
            owe_end(machine, ledger, candidate.end)

    sent = False

    def progress(report: CycleReport) -> None:
        nonlocal sent
        sent = sent or report.did_something
        manner.progress(report)

    try:
        report = catch_up(
            paths,
            sync,
            subject,
            is_quiet=_is_quiet(machine, candidate, path),
            seen=candidate.seen,
            began=began,
            progress=progress,
            turn=manner.turn,
            pause=manner.pause,
            is_refused=lambda: machine.kept_off(paths, places) is not None,
        )
        if sent and report is not None and report.complete:
            ledger.record(CAUGHT_UP)
        return report
    finally:
        sync.close()
        ledger.close()
        if inbox.size(paths.inbox):
            _start_daemon(machine, paths)


def _lived_as(machine: Machine, ledger: Ledger) -> tuple[str, str]:
    """The backend and the session's id there, if they are known.

    So that a session that was deleted there is not created anew (contract §3.6). Nothing for a
    server when the configuration has changed since: another key may be another user's.
    """
    known = ledger.session()
    if known is None or not known.backend_session_id:
        return "", ""
    if known.backend != EmbeddedBackend.name and machine.was_configured_since(known.last_seen):
        return "", ""
    return known.backend, known.backend_session_id


def _is_quiet(machine: Machine, candidate: Candidate, path: str) -> bool:
    """Whether nobody writes to the session any more."""
    if candidate.seen:  # its daemon died, and nobody has it open
        return True
    try:
        return machine.now - os.stat(path).st_mtime > QUIET_SECONDS
    except FileNotFoundError:
        return True


def _start_daemon(machine: Machine, paths: SessionPaths) -> None:
    """Start the daemon that a hook would have started while the lock was held here."""
    life = fold(inbox.read(paths.inbox)[0])
    session.ensure_daemon(
        paths,
        machine.processes,
        machine.environ,
        transcript_path=life.transcript_path,
        cwd=life.cwd,
        parent=None,
    )
