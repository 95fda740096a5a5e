"""One cycle: look at every file of a session, send what is new, say how it stands."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from confab_sync.engine import side_file
from confab_sync.engine.assistant import SIDE
from confab_sync.engine.destination import Destination
from confab_sync.engine.memory import Memory
from confab_sync.engine.report import CycleReport, FileReport, Meter
from confab_sync.errors import (
    BackendRefused,
    BackendUnavailable,
    ConfabError,
    ConfigError,
    PositionMoved,
)
from confab_sync.store.values import OpenedSession, SessionInfo

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.assistant import Assistant, Sighting
    from confab_sync.engine.ledger import Ledger

UNFINISHED_LINE = "ends in an unfinished line"
NOT_TAKEN = "not archived: this backend takes no such files"

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
        self._memory = Memory()
        self._notes: dict[str, str] = {}
        self._refused: dict[str, tuple[int, int, int, int]] = {}
        """Files that the backend will not take as they are now."""

    def cycle(self, subject: Subject, *, final: bool = False) -> CycleReport:
        """Send what is new of all files; never raises for a backend, a file or a configuration.

        With `final`, an unterminated last line that is whole is sent as well: right only once
        nobody writes any more.
        """
        located = self._assistant.locate(subject.transcript_path) or subject.transcript_path
        subject = replace(subject, transcript_path=located)
        sightings = self._assistant.files(located)
        deadline = self._clock() + CYCLE_SECONDS
        meter = Meter()
        meter.add(files_seen=len(sightings))
        more = False
        error: ConfabError | None = None
        try:
            to = None
            if not all(self._is_done(sighting, final=final) for sighting in sightings):
                to = self._open(subject, meter)
            for sighting in sightings:
                if to is None or self._is_done(sighting, final=final):
                    continue
                more = self._sync_file(sighting, to, deadline, final=final) or more
                # Only what was sent excuses stopping early, or a slow failure starves the rest.
                late = self._clock() > deadline and meter.work.commits > 0
                if late and sighting is not sightings[-1]:
                    more = True
                    break
        except ConfabError as caught:
            error = caught
            self._doubt(caught)
        return CycleReport(
            transcript_path=located,
            fingerprint=self._assistant.fingerprint(sightings),
            files=tuple(self._report(sighting) for sighting in sightings),
            work=meter.work,
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
                known = self._memory.known(file.name, file.kind)
                size = file.bytes + file.behind
                self._ledger.acknowledge(replace(known, size=size, note=file.note))
        self._ledger.settle(
            finished=report.complete and report.behind == 0,
            error=str(report.error) if report.error else "",
        )

    def close(self) -> None:
        """Let go of the backend."""
        if self._backend is not None:
            self._backend.close()

    def reconfigure(self) -> None:
        """Ask for the backend anew at the next cycle: the configuration changed."""
        self.close()
        self._backend = None
        self._opened = None
        self._memory.doubt()
        self._refused.clear()

    def _is_done(self, sighting: Sighting, *, final: bool) -> bool:
        if self._refused.get(sighting.name) == sighting.signature:
            return True
        if sighting.kind == SIDE:
            known = self._memory.sides.get(sighting.name)
            return self._leaves_sides or (known is not None and known.is_all_of(sighting))
        file = self._memory.lines.get(sighting.name)
        if file is None:
            # Nothing is created at the backend for an empty file, but one may become empty.
            return sighting.size == 0 and not self._memory.is_stored(sighting.name)
        waits_for_newline = file.position.offset < sighting.size
        return file.signature == sighting.signature and not (final and waits_for_newline)

    def _sync_file(
        self, sighting: Sighting, to: Destination, deadline: float, *, final: bool
    ) -> bool:
        name = sighting.name
        self._notes.pop(name, None)
        try:
            if sighting.kind == SIDE:
                self._sync_side_file(sighting, to)
                return False
            return self._memory.line_file(sighting).sync(
                sighting,
                to,
                is_complete=self._assistant.is_complete if final else None,
                may_go_on=lambda: self._clock() < deadline,
            )
        # One file's trouble is not the others'. It is looked at again in the next cycle; what
        # the backend refused, once the file has changed.
        except OSError as error:
            self._notes[name] = f"cannot be read: {error.strerror or error}"
        except BackendRefused as error:
            self._notes[name] = f"refused by the backend: {error}"
            self._refused[name] = sighting.signature
        return False

    def _open(self, subject: Subject, meter: Meter) -> Destination:
        if self._backend is None or self._opened is None:
            # Remembered before anything can go wrong: what is not sent now is sent later.
            self._ledger.see(subject.transcript_path, subject.cwd)
            self._memory.recall(self._ledger.files())
            self._backend = self._backend or self._open_backend()
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
            copy = (self._backend.name, self._opened.session_id)
            self._memory.opened(copy, self._opened.files, self._ledger.files())
        return Destination(self._backend, self._opened.session_id, self._ledger, meter)

    def _sync_side_file(self, sighting: Sighting, to: Destination) -> None:
        if self._leaves_sides:
            return
        if sighting.size > side_file.LARGEST:
            self._notes[sighting.name] = f"too large to archive ({sighting.size} bytes)"
            return
        known = self._memory.known(sighting.name, sighting.kind)
        archived = side_file.archive(sighting, known, to)
        if archived is not None:
            self._memory.sides[sighting.name] = archived

    @property
    def _leaves_sides(self) -> bool:
        return self._backend is not None and not self._backend.takes_side_files

    def _report(self, sighting: Sighting) -> FileReport:
        name, kind = sighting.name, sighting.kind
        known = self._memory.known(name, kind)
        note = self._notes.get(name, "")
        if kind == SIDE:
            if self._leaves_sides:
                return FileReport(name, kind, 0, 0, 0, NOT_TAKEN)
            done = sighting.size if known.is_all_of(sighting) else 0
            return FileReport(name, kind, 0, done, sighting.size - done, note)
        position = known.position
        behind = max(0, sighting.size - position.offset)
        file = self._memory.lines.get(name)
        if not note and behind and file is not None and file.signature == sighting.signature:
            note = UNFINISHED_LINE
        note = "; ".join(filter(None, (note, known.lasting_note)))
        return FileReport(name, kind, position.lines, position.offset, behind, note)

    def _doubt(self, error: ConfabError) -> None:
        """After an unclear answer, start from the backend's own word next time.

        Not so after `SessionGone`: asking would create the deleted session anew.
        """
        if isinstance(error, ConfigError):
            self.close()
            self._backend = None
        if isinstance(error, (BackendUnavailable, PositionMoved, ConfigError)):
            self._opened = None
            self._memory.doubt()
