"""A supervisor with everything around it replaced: the clock, the worker, the inbox."""

from __future__ import annotations

import random
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confab_sync.backends.protocol import Pace
from confab_sync.daemon.log import Log
from confab_sync.daemon.messages import CycleDone, Mailbox
from confab_sync.daemon.schedule import Schedule
from confab_sync.daemon.settings import Settings
from confab_sync.daemon.status import Status
from confab_sync.daemon.supervisor import Supervisor
from confab_sync.daemon.surroundings import Surroundings
from confab_sync.daemon.worker import Job, Worker
from confab_sync.engine.report import CycleReport, FileReport, Work
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.errors import ConfabError
from confab_sync.presence import inbox
from confab_sync.presence.life import Life
from confab_sync.process import Identity

if TYPE_CHECKING:
    from confab_sync.presence.inbox import Record

PACE = Pace(debounce=0.05, spacing=0.1, longest_spacing=0.8)
TRANSCRIPT = "/p/t.jsonl"


class Clock:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def claude(pid: int = 7) -> Identity:
    return Identity(pid, "1", "boot", "ns")


def came(parent: Identity | None, path: str = TRANSCRIPT) -> Record:
    return {
        "type": inbox.START,
        "transcript_path": path,
        "cwd": "/w",
        "parent": parent.to_json() if parent else None,
    }


def went(parent: Identity | None, reason: str = "other") -> Record:
    return {
        "type": inbox.END,
        "timestamp": "2026-02-03T10:00:00Z",
        "hook_input": {"reason": reason},
        "parent": parent.to_json() if parent else None,
    }


def report(**fields: Any) -> CycleReport:
    """A report of a session with one transcript, fully archived unless said otherwise."""
    defaults: dict[str, Any] = {
        "transcript_path": TRANSCRIPT,
        "fingerprint": 1,
        "files": (FileReport("t.jsonl", "transcript", lines=3, bytes=30, behind=0),),
        "backend": "embedded",
        "backend_session_id": "b",
    }
    fields.setdefault("recorded_path", fields.get("transcript_path", TRANSCRIPT))
    return CycleReport(**{**defaults, **fields})


def sent(lines: int = 1) -> Work:
    return Work(files_seen=1, files_opened=1, lines_sent=lines, bytes_sent=10 * lines)


class RecordingWorker(Worker):
    """Takes jobs and does nothing with them: the test says what came of each."""

    def __init__(self) -> None:
        self.busy = False
        self.jobs: list[Job] = []

    def give(self, job: Job) -> None:
        assert not self.busy, "a job was given to a busy worker"
        self.busy = True
        self.jobs.append(job)


@dataclass(slots=True)
class Stage:
    """A supervisor and what a test moves and looks at."""

    directory: Path
    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    worker: RecordingWorker = field(default_factory=RecordingWorker)
    records: list[Record] = field(default_factory=list)
    dead: set[Identity] = field(default_factory=set)
    states: list[dict[str, Any]] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    kept_off: list[str] = field(default_factory=list)
    told: list[CycleReport] = field(default_factory=list)
    idle: float = 0.0
    refusal: str | None = None
    config_changed: bool = False
    is_current: bool = True
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        status = Status({}, lambda state: self.states.append(dict(state)), lambda: "now")
        self.supervisor = Supervisor(
            Surroundings(
                mailbox=Mailbox(),
                worker=self.worker,
                schedule=Schedule(self.settings, PACE, random.Random(1), self.clock()),
                status=status,
                log=Log(str(self.directory / "logs"), "s", lambda: "T"),
                settings=self.settings,
                clock=self.clock,
                read_inbox=lambda: (list(self.records), 100 * len(self.records)),
                is_alive=lambda identity: identity not in self.dead,
                is_current=lambda: self.is_current,
                subject=self._subject,
                idle_seconds=lambda: self.idle,
                announce_move=self._announce_move,
                tell=self.told.append,
                stay_off=self.kept_off.append,
                refused=lambda _life: self.refusal,
                config_changed=self._take_config_change,
            )
        )
        self.supervisor.read_inbox()

    @property
    def phase(self) -> str:
        return str(self.states[-1]["phase"]) if self.states else ""

    @property
    def log(self) -> str:
        path = self.directory / "logs" / "s.log"
        return path.read_text() if path.exists() else ""

    def done(self, result: CycleReport | None = None, *, last_word: bool | None = None) -> Any:
        """The worker finishes the job it was given last."""
        job = self.worker.jobs[-1]
        result = result or report()
        if last_word is None:
            last_word = job.final and result.complete and (job.hurried or not result.did_something)
        return self.supervisor.handle(
            CycleDone(result, 0.01, final=job.final, is_last_word=last_word)
        )

    def _take_config_change(self) -> bool:
        changed, self.config_changed = self.config_changed, False
        return changed

    def _subject(self, life: Life) -> Subject:
        return Subject("s", life.transcript_path or TRANSCRIPT, life.cwd)

    def _announce_move(self, path: str) -> None:
        self.moves.append(path)
        self.records.append({"type": inbox.MOVED, "transcript_path": path})


class FakeSync(SessionSync):
    """A `SessionSync` whose cycles a test has written down."""

    def __init__(self, *results: CycleReport | Exception) -> None:
        self.results = list(results)
        self.ended: list[tuple[object, object]] = []
        self.settled: list[CycleReport] = []
        self.reconfigured = 0
        self.end_error: ConfabError | None = None

    def cycle(self, subject: Subject, *, final: bool = False) -> CycleReport:
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    def end(self, timestamp: object, payload: object) -> bool:
        if self.end_error is not None:
            raise self.end_error
        self.ended.append((timestamp, payload))
        return True

    def settle(self, report: CycleReport) -> None:
        self.settled.append(report)

    def reconfigure(self) -> None:
        self.reconfigured += 1


def worker_on(sync: SessionSync, directory: Path) -> Worker:
    log = Log(str(directory / "logs"), "s", lambda: "T")
    return Worker(sync, Mailbox(), log, nullcontext, Clock())
