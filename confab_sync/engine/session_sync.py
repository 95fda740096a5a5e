"""One cycle: look at every file of a session, send what is new, say how it stands."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from confab_sync.engine.assistant import SIDE
from confab_sync.engine.line_file import LineFile
from confab_sync.engine.position import Position
from confab_sync.engine.registry import KnownFile
from confab_sync.engine.report import CycleReport, FileReport, Work
from confab_sync.engine.tail import open_file
from confab_sync.errors import ConfabError, ConfigError, PositionMoved
from confab_sync.store.values import OpenedSession, SessionInfo, SideFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.assistant import Assistant, Sighting
    from confab_sync.engine.ledger import Ledger

LARGEST_SIDE_FILE = 128 * 1024 * 1024
"""Bytes: a side file is kept whole in memory while it is sent; a larger one is reported."""

CYCLE_SECONDS = 1.0
"""How long a cycle goes on sending before it reports; the next one continues at once."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The session as its daemon knows it when a cycle starts."""

    external_id: str
    transcript_path: str
    cwd: str
    hostname: str = ""
    username: str = ""


class SessionSync:
    """The copy of one session, and everything a cycle must remember from the last one."""

    def __init__(
        self,
        assistant: Assistant,
        open_backend: Callable[[], Backend],
        ledger: Ledger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._assistant = assistant
        self._open_backend = open_backend
        self._ledger = ledger
        self._clock = clock
        self._backend: Backend | None = None
        self._opened: OpenedSession | None = None
        self._lines: dict[str, LineFile] = {}
        self._sides: dict[str, KnownFile] = {}
        self._notes: dict[str, str] = {}
        self._known: dict[str, KnownFile] | None = None

    def cycle(self, subject: Subject, *, final: bool = False) -> CycleReport:
        """Send what is new of all files; never raises for a backend, a file or a configuration.

        With `final`, an unterminated last line that is whole is sent as well: right only once
        nobody writes any more.
        """
        located = self._assistant.locate(subject.transcript_path) or subject.transcript_path
        subject = replace(subject, transcript_path=located)
        sightings = self._assistant.files(located)
        deadline = self._clock() + CYCLE_SECONDS
        work = Work(files_seen=len(sightings))
        more = False
        error: ConfabError | None = None
        try:
            for sighting in sightings:
                if self._is_done(sighting, final=final):
                    continue
                cost, left = self._sync_file(subject, sighting, deadline, final=final)
                work += cost
                more = more or left
                if self._clock() > deadline and sighting is not sightings[-1]:
                    more = True
                    break
        except ConfabError as caught:
            error = caught
            self._forget_backend(caught)
        return CycleReport(
            transcript_path=located,
            fingerprint=self._assistant.fingerprint(sightings),
            files=tuple(self._report(sighting) for sighting in sightings),
            work=work,
            backend=self._backend.name if self._backend else "",
            backend_session_id=self._opened.session_id if self._opened else "",
            more=more,
            error=error,
        )

    def end(self, timestamp: datetime, payload: object) -> bool:
        """Tell the backend that the session ended; False when it was never opened there.

        Raises `BackendError`.
        """
        if self._backend is None or self._opened is None:
            return False
        self._backend.end_session(self._opened.session_id, timestamp, payload)
        return True

    def settle(self, report: CycleReport) -> None:
        """Write into the registry how the session stands when its daemon leaves.

        A session that never had a file is not remembered.
        """
        if not report.files:
            return
        self._ledger.see(report.transcript_path, "")
        for file in report.files:
            if file.behind or file.note:
                self._ledger.acknowledge(self._left_behind(file))
        self._ledger.settle(
            finished=report.complete and report.behind == 0,
            error=str(report.error) if report.error else "",
        )

    def _left_behind(self, file: FileReport) -> KnownFile:
        tracked = self._lines.get(file.name)
        known = tracked.known if tracked else self._sides.get(file.name)
        known = known or (self._known or {}).get(file.name) or KnownFile(file.name, file.kind)
        return replace(known, size=file.bytes + file.behind, note=file.note)

    def close(self) -> None:
        """Let go of the backend."""
        if self._backend is not None:
            self._backend.close()

    def reconfigure(self) -> None:
        """Ask for the backend anew at the next cycle: the configuration changed."""
        if self._backend is not None:
            self._backend.close()
        self._backend = None
        self._forget_positions()

    def _is_done(self, sighting: Sighting, *, final: bool) -> bool:
        if sighting.kind == SIDE:
            known = self._sides.get(sighting.name)
            return known is not None and (known.size, known.mtime_ns) == (
                sighting.size,
                sighting.mtime_ns,
            )
        file = self._lines.get(sighting.name)
        if file is None:
            return sighting.size == 0
        waits_for_newline = file.position.offset < sighting.size
        return file.signature == sighting.signature and not (final and waits_for_newline)

    def _sync_file(
        self, subject: Subject, sighting: Sighting, deadline: float, *, final: bool
    ) -> tuple[Work, bool]:
        backend, opened = self._open(subject)
        self._notes.pop(sighting.name, None)
        try:
            if sighting.kind == SIDE:
                return self._sync_side_file(sighting, backend, opened), False
            file = self._line_file(sighting, opened)
            return file.sync(
                sighting,
                backend,
                opened.session_id,
                self._ledger,
                is_complete=self._assistant.is_complete if final else None,
                may_go_on=lambda: self._clock() < deadline,
            )
        except OSError as error:
            # This file's trouble is not the others'; it is looked at again in the next cycle.
            self._notes[sighting.name] = f"cannot be read: {error.strerror or error}"
            return Work(), False

    def _open(self, subject: Subject) -> tuple[Backend, OpenedSession]:
        if self._opened is None:
            # Remembered before anything can go wrong: what is not sent now is sent later.
            self._ledger.see(subject.transcript_path, subject.cwd)
        if self._backend is None:
            self._backend = self._open_backend()
        if self._opened is None:
            self._opened = self._backend.open_session(
                SessionInfo(
                    provider=self._assistant.provider,
                    external_id=subject.external_id,
                    transcript_path=subject.transcript_path,
                    cwd=subject.cwd,
                    hostname=subject.hostname,
                    username=subject.username,
                )
            )
            self._ledger.opened(self._backend.name, self._opened.session_id)
            self._known = self._ledger.files()
        return self._backend, self._opened

    def _line_file(self, sighting: Sighting, opened: OpenedSession) -> LineFile:
        file = self._lines.get(sighting.name)
        if file is None:
            known = self._remembered(sighting)
            file = LineFile(sighting.name, sighting.kind, known, opened.files.get(sighting.name))
            self._lines[sighting.name] = file
        return file

    def _sync_side_file(self, sighting: Sighting, backend: Backend, opened: OpenedSession) -> Work:
        if not backend.takes_side_files:
            return Work()
        known = self._remembered(sighting)
        if (known.size, known.mtime_ns) == (sighting.size, sighting.mtime_ns):
            self._sides[sighting.name] = known
            return Work()
        if sighting.size > LARGEST_SIDE_FILE:
            self._notes[sighting.name] = f"too large to archive ({sighting.size} bytes)"
            return Work()
        data = _read_whole(sighting)
        if data is None:  # it changed while it was read: the next cycle sees it again
            return Work(files_opened=1)
        backend.put_side_file(opened.session_id, SideFile(sighting.name, data, sighting.mtime_ns))
        known = replace(
            known,
            position=Position(0, len(data)),
            size=sighting.size,
            mtime_ns=sighting.mtime_ns,
        )
        self._sides[sighting.name] = known
        self._ledger.acknowledge(known)
        return Work(
            files_opened=1, bytes_read=len(data), bytes_sent=len(data), side_files_sent=1, commits=1
        )

    def _remembered(self, sighting: Sighting) -> KnownFile:
        known = (self._known or {}).get(sighting.name)
        return known or KnownFile(sighting.name, sighting.kind)

    def _report(self, sighting: Sighting) -> FileReport:
        name, kind = sighting.name, sighting.kind
        note = self._notes.get(name, "")
        if kind == SIDE:
            known = self._sides.get(name)
            current = known is not None and (known.size, known.mtime_ns) == (
                sighting.size,
                sighting.mtime_ns,
            )
            done = sighting.size if current else 0
            return FileReport(name, kind, 0, done, sighting.size - done, note)
        file = self._lines.get(name)
        known = file.known if file else self._remembered(sighting)
        position = known.position
        behind = max(0, sighting.size - position.offset)
        if not note:
            note = known.note
        if behind and file is not None and file.signature == sighting.signature:
            note = note or "ends in an unfinished line"
        return FileReport(name, kind, position.lines, position.offset, behind, note)

    def _forget_backend(self, error: ConfabError) -> None:
        """Start from the backend's own word next time."""
        if isinstance(error, ConfigError):
            self._backend = None
        if isinstance(error, (PositionMoved, ConfigError)):
            self._forget_positions()

    def _forget_positions(self) -> None:
        self._opened = None
        self._lines.clear()
        self._sides.clear()


def _read_whole(sighting: Sighting) -> bytes | None:
    descriptor = open_file(sighting.path)
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(sighting.size + 1)
        status = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    changed = (status.st_size, status.st_mtime_ns) != (sighting.size, sighting.mtime_ns)
    return None if changed or len(data) != sighting.size else data
