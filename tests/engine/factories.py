"""Makes session directories, backends that fail on command and everything a cycle needs."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.registry import Registry
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from confab_sync.backends.protocol import Appended, Pace
    from confab_sync.engine.known import KnownSession
    from confab_sync.engine.report import CycleReport
    from confab_sync.errors import ConfabError, RegistryError
    from confab_sync.store.values import Chunk, FilePosition, OpenedSession, SessionInfo, SideFile

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SESSION = "11111111-2222-3333-4444-555555555555"
MAIN = f"{SESSION}.jsonl"
AGENT = "subagents/agent-abcdef.jsonl"
META = "subagents/agent-abcdef.meta.json"


def now() -> datetime:
    return NOW


class Fault:
    """The errors that are to come: before the real work is done, or after it."""

    def __init__(self) -> None:
        self.before: list[ConfabError] = []
        self.after: list[ConfabError] = []
        self.during: list[Callable[[], object]] = []
        """What happens meanwhile."""

    def clear(self) -> None:
        self.before.clear()
        self.after.clear()


class FaultyBackend:
    """The embedded backend, except that the next calls that store something can fail.

    An error in `fault.after` is raised when the real backend has stored what it was given:
    acknowledged, but the answer is lost. `calls` names what was asked.
    """

    name = "embedded"

    def __init__(self, path: str, fault: Fault | None = None) -> None:
        self._inner = EmbeddedBackend(path)
        self.fault = fault or Fault()
        self.calls: list[str] = []
        self.pace: Pace = self._inner.pace
        self.refused_kinds: set[str] = set()

    @property
    def requests(self) -> int:
        """As if each call were a request to a server."""
        return len(self.calls)

    def _do(self, name: str, action: Callable[[], object]) -> None:
        self.calls.append(name)
        if self.fault.before:
            raise self.fault.before.pop(0)
        if self.fault.during:
            self.fault.during.pop(0)()
        action()
        if self.fault.after:
            raise self.fault.after.pop(0)

    def open_session(self, info: SessionInfo) -> OpenedSession:
        self.calls.append("open_session")
        return self._inner.open_session(info)

    def takes(self, kind: str, name: str) -> bool:
        return kind not in self.refused_kinds

    def prepared(self, chunk: Chunk) -> Chunk:
        return self._inner.prepared(chunk)

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        stored: list[Appended] = []
        self._do("append", lambda: stored.append(self._inner.append(session_id, chunk)))
        return stored[0]

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        return self._inner.has_lines(session_id, chunk)

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        stored: list[FilePosition] = []
        self._do(
            "restart_file", lambda: stored.append(self._inner.restart_file(session_id, file_name))
        )
        return stored[0]

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        self._do("put_side_file", lambda: self._inner.put_side_file(session_id, side_file))

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        self._do("end_session", lambda: self._inner.end_session(session_id, timestamp, payload))

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        self._do("summarize", lambda: self._inner.summarize(provider, external_id, summary))

    def close(self) -> None:
        self._inner.close()


class Bench:
    """One session's files below `directory`, with a daemon's engine that can be restarted."""

    def __init__(self, directory: Path, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.directory = directory
        self.projects = directory / "projects"
        self.project = "-home-u-app"
        self.registry_path = str(directory / "registry.db")
        self.store_path = str(directory / "store.db")
        self.fault = Fault()
        self.backend = FaultyBackend(self.store_path, self.fault)
        self.complaints: list[RegistryError] = []
        self._clock = clock
        self._ticks = 0
        (self.projects / self.project).mkdir(parents=True)
        self.start()

    def start(self) -> None:
        """What a new daemon begins with: nothing but registry and backend."""
        self.ledger = Ledger("claude-code", SESSION, self.open_registry, self.complaints.append)
        self.sync = SessionSync(ClaudeCode(), lambda: self.backend, self.ledger, self._clock)

    def restart(self) -> None:
        self.sync.close()
        self.ledger.close()
        self.start()

    def close(self) -> None:
        self.sync.close()
        self.backend.close()
        self.ledger.close()

    def open_registry(self) -> Registry:
        return Registry(self.registry_path, clock=now)

    def registry(self) -> Registry:
        return self.open_registry()

    @property
    def transcript(self) -> Path:
        return self.projects / self.project / MAIN

    def path(self, relative: str) -> Path:
        """A file of the session's directory; the transcript for an empty name."""
        if not relative:
            return self.transcript
        return self.projects / self.project / SESSION / relative

    def write(self, data: bytes, relative: str = "") -> None:
        """Replace the content in place."""
        path = self.path(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.touch(relative)

    def append(self, data: bytes, relative: str = "") -> None:
        path = self.path(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(data)
        self.touch(relative)

    def touch(self, relative: str = "") -> None:
        """A time of its own for every change: file systems tick too slowly for a test."""
        self._ticks += 1
        stamp = 1_700_000_000_000_000_000 + self._ticks * 1_000_000
        os.utime(self.path(relative), ns=(stamp, stamp))

    def cycle(self, *, final: bool = False) -> CycleReport:
        subject = Subject(SESSION, str(self.transcript), "/home/u/app")
        return self.sync.cycle(subject, final=final)

    def cycles(self, *, final: bool = False) -> CycleReport:
        """Cycles until there is nothing more to send or something is wrong."""
        while True:
            report = self.cycle(final=final)
            if report.error is not None or not report.more:
                return report

    def stored(self, name: str = MAIN, generation: int | None = None) -> bytes:
        """What the store has of a file."""
        with Store.open(self.store_path, clock=now) as store:
            session = store.find_session(SESSION)
            return b"".join(store.read_file(session.session_id, name, generation))

    def stored_side(self, name: str) -> bytes:
        with Store.open(self.store_path, clock=now) as store:
            return store.read_side_file(store.find_session(SESSION).session_id, name)

    def generations(self, name: str = MAIN) -> int:
        with Store.open(self.store_path, clock=now) as store:
            files = store.files(store.find_session(SESSION).session_id)
        return next(file.generation for file in files if file.name == name)


def registered(bench: Bench) -> KnownSession | None:
    """The session as the registry has it."""
    with closing(bench.registry()) as registry:
        return registry.session("claude-code", SESSION)


def notes(report: CycleReport) -> dict[str, str]:
    """What is remarkable about files, by their names."""
    return {file.name: file.note for file in report.files if file.note}


def take_away(bench: Bench, change: Callable[[Path], None]) -> Callable[..., int]:
    """An `os.open` before which something happens to the agent's file."""
    real = os.open

    def opened(path: str, *arguments: object, **more: object) -> int:
        if path == str(bench.path(AGENT)):
            change(bench.path(AGENT))
        return real(path, *arguments, **more)  # type: ignore[arg-type]

    return opened
