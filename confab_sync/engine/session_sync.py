"""One cycle: look at every file of a session, send what is new, say how it stands."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.engine import side_file
from confab_sync.engine.assistant import SIDE
from confab_sync.engine.description import Description
from confab_sync.engine.destination import Destination
from confab_sync.engine.git_info import GitInfo
from confab_sync.engine.known import NOT_TAKEN, REFUSED, UNFINISHED_LINE, OwedEnd
from confab_sync.engine.memory import Memory
from confab_sync.engine.open_files import OpenFiles
from confab_sync.engine.report import CycleReport, FileReport, Meter
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendRefused,
    BackendUnauthorized,
    BackendUnavailable,
    ConfabError,
    ConfigError,
    FileDiverged,
    FileUnavailable,
    PositionMoved,
)
from confab_sync.paths import user_home
from confab_sync.redaction.discretion import REDACTED, Discretion, hidden, is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.assistant import Assistant, Sighting
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.subject import Subject
    from confab_sync.store.values import ChunkMetadata, OpenedSession

SETBACKS = 3
"""Files of one cycle that the backend may fail on until the rest is left for later."""

CYCLE_SECONDS = 1.0
"""How long a cycle goes on sending before it reports; the next one continues at once."""

LONGEST_CYCLE = 5.0
SECONDS_PER_FILE = 0.001
"""The same for a session with very many files, some thirty times what it costs to list and
report one: they are not all looked at again for every few that are sent."""


class SessionSync:
    """The copy of one session, and everything a cycle must remember from the last one."""

    def __init__(
        self,
        assistant: Assistant,
        open_backend: Callable[[], Backend],
        ledger: Ledger,
        clock: Callable[[], float] = time.monotonic,
        git: GitInfo | None = None,
        lived_as: tuple[str, str] = ("", ""),
        discretion: Discretion | None = None,
    ) -> None:
        self._assistant = assistant
        self._open_backend = open_backend
        self._ledger = ledger
        self._clock = clock
        self._discretion = discretion or Discretion()
        self._placed: dict[Subject, Subject] = {}
        """Where the last subject's transcript and directory were found to be."""
        self._description = Description(assistant, git or GitInfo(user_home(os.environ), clock))
        self._backend: Backend | None = None
        self._asked = 0
        """Requests of the backend that are counted already."""
        self._opened: OpenedSession | None = None
        self._lived_as = lived_as
        """The backend, and the session's id there, as they were last known."""
        self._memory = Memory()
        self._files = OpenFiles()
        self._notes: dict[str, str] = {}
        self._unread: set[str] = set()
        """Files that could not be read, and may be another time."""
        self._refused: dict[str, tuple[int, int, int, int]] = {}
        """Files that the backend will not take as they are now."""
        self._not_taken: set[str] = set()
        """Files of kinds that the backend does not keep."""
        self._setbacks: list[FileUnavailable] = []
        """What went wrong with single files in this cycle, and may go well in the next."""
        self._first = ""
        """The file that the next cycle begins with, where the last one had no time for all."""

    def cycle(self, subject: Subject, *, final: bool = False) -> CycleReport:
        """Send what is new of all files; never raises for a backend, a file or a configuration.

        With `final`, an unterminated last line that is whole is sent as well: right only once
        nobody writes any more.
        """
        subject = self._place(subject)
        located = subject.transcript_path
        on_disk = self._assistant.files(located)
        self._look_past(on_disk)

        def is_done(sighting: Sighting) -> bool:
            return self._is_done(sighting, final=final)

        sightings = [*on_disk, *self._files.deleted(on_disk, is_done)]
        self._files.hold(sightings, is_done)
        deadline = self._clock() + cycle_seconds(len(sightings))
        meter = Meter()
        meter.add(files_seen=len(sightings), stats=len(sightings))
        more = False
        error: ConfabError | None = None
        self._setbacks.clear()
        turns = self._turns(sightings)
        self._first = ""
        try:
            to = None
            if not all(map(is_done, sightings)):
                to = self._open(subject, meter)
            for number, sighting in enumerate(turns, 1):
                if to is None or is_done(sighting):
                    continue
                more = self._sync_file(sighting, to, deadline, final=final) or more
                # Only what was sent excuses stopping early, or a slow failure starves the rest.
                late = self._clock() > deadline and meter.work.commits > 0
                if late and number < len(turns):
                    more = True
                    self._first = turns[number].name
                    break
            if self._setbacks:
                raise self._setbacks[-1]
        except ConfabError as caught:
            error = caught
        meter.add(requests=self._newly_asked())
        if error is not None:
            self._doubt(error)
        return CycleReport(
            transcript_path=located,
            fingerprint=self._assistant.fingerprint(on_disk),
            files=tuple(self._report(sighting) for sighting in sightings),
            work=meter.work,
            backend=self._backend.name if self._backend else "",
            backend_session_id=self._opened.session_id if self._opened else "",
            more=more,
            error=error,
            recorded_path=subject.recorded_path,
        )

    def end(self, timestamp: str, payload: object) -> bool:
        """Tell the backend that the session ended; False when it was never opened there.

        `timestamp` is the record's own (RFC 3339): of each the backend is told once, even by
        another daemon. Raises `BackendError`.
        """
        if self._backend is None or self._opened is None:
            return False
        if not self._ledger.was_told(timestamp):
            self._backend.end_session(self._opened.session_id, _moment(timestamp), payload)
            self._ledger.owe_end(OwedEnd(timestamp, "null"), told=True)
        return True

    def tell_ends(self, subject: Subject) -> None:
        """Tell the backend of the ends of the session that it could not be told of in time.

        Raises `BackendError` and `ConfigError`.
        """
        for end in self._ledger.ends_owed():
            to = self._open(subject, Meter())
            to.backend.end_session(to.session_id, _moment(end.timestamp), json.loads(end.payload))
            self._ledger.owe_end(end, told=True)

    def settle(self, report: CycleReport) -> None:
        """Write into the registry how the session stands when its daemon leaves.

        A session that never had a file is not remembered.
        """
        if not report.files:
            return
        self._ledger.see(report.recorded_path, "")
        for file in report.files:
            if file.behind or (file.note and not file.is_unread):
                known = self._memory.known(file.name, file.kind)
                size = file.bytes + file.behind
                self._ledger.acknowledge(replace(known, size=size, note=file.note))
        self._ledger.settle(
            finished=report.may_rest and report.behind == 0,
            error=str(report.error) if report.error else "",
        )

    def close(self) -> None:
        """Let go of the backend and the files."""
        self._close_backend()
        self._files.close()

    def _close_backend(self) -> None:
        if self._backend is not None:
            with suppress(ConfabError):  # what it may have to say is no news any more
                self._backend.close()

    def _newly_asked(self) -> int:
        """How often the server was asked for something since this was last called."""
        if self._backend is None:
            return 0
        before, self._asked = self._asked, self._backend.requests
        return self._asked - before

    def reconfigure(self) -> None:
        """Ask for the backend anew at the next cycle: the configuration changed."""
        self._close_backend()
        self._backend = None
        self._opened = None
        self._forget_whose_it_is()
        self._memory.doubt()
        self._refused.clear()
        self._not_taken.clear()
        self._placed.clear()

    def _forget_whose_it_is(self) -> None:
        """Another key may be another user's, who has another session; a store needs none."""
        if self._lived_as[0] != EmbeddedBackend.name:
            self._lived_as = ("", "")

    def _place(self, subject: Subject) -> Subject:
        """The subject with its transcript where it lies now, and with what to put on record.

        A directory that the records hide is the one that the transcript's first lines name.
        """
        located = self._assistant.locate(subject.transcript_path) or subject.transcript_path
        heard = replace(subject, transcript_path=located)
        if heard not in self._placed:
            cwd = heard.cwd
            if REDACTED in cwd or (not cwd and is_hidden(heard.recorded_path)):
                cwd = self._assistant.working_directory(located) or cwd
            if is_hidden(heard.recorded_path):
                recorded = hidden(located)
            else:
                recorded = self._discretion.transcript(located, cwd)
            self._placed = {heard: replace(heard, cwd=cwd, recorded_path=recorded)}
        return self._placed[heard]

    def _look_past(self, sightings: Sequence[Sighting]) -> None:
        """Note what cannot be looked at now, and forget what could not be read before."""
        for name in self._unread:
            self._notes.pop(name, None)
        self._unread.clear()
        for sighting in sightings:
            if sighting.trouble is not None:
                self._cannot_read(sighting.name, sighting.trouble)

    def _cannot_read(self, name: str, error: OSError) -> None:
        self._notes[name] = f"cannot be read: {error.strerror or error}"
        self._unread.add(name)

    def _turns(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """The files in the order in which they are looked at.

        A transcript that always has something new must not starve the files after it.
        """
        names = [sighting.name for sighting in sightings]
        at = names.index(self._first) if self._first in names else 0
        return [*sightings[at:], *sightings[:at]]

    def _is_done(self, sighting: Sighting, *, final: bool) -> bool:
        if sighting.trouble is not None:  # said already, and looked at again next time
            return True
        if self._refused.get(sighting.name) == sighting.signature:
            return True
        if sighting.name in self._not_taken:
            return True
        if sighting.kind == SIDE:
            known = self._memory.sides.get(sighting.name)
            return known is not None and known.is_all_of(sighting)
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
        self._unread.discard(name)
        try:
            if not to.backend.takes(sighting.kind, name):
                self._not_taken.add(name)
                return False
            if sighting.kind == SIDE:
                self._sync_side_file(sighting, to)
                return False
            return self._memory.line_file(sighting).sync(
                sighting,
                to,
                is_complete=self._assistant.is_complete if final else None,
                may_go_on=lambda: self._clock() < deadline,
                open_file=self._files.reader,
            )
        # One file's trouble is not the others'. It is looked at again in the next cycle; what
        # the backend refused, once the file has changed.
        except OSError as error:
            self._cannot_read(name, error)
        except FileDiverged:
            pass  # the file knows, and says so
        except FileUnavailable as error:
            self._notes[name] = str(error)
            self._setbacks.append(error)
            if len(self._setbacks) >= SETBACKS:
                raise
        except BackendRefused as error:
            self._notes[name] = f"{REFUSED}{error}"
            self._refused[name] = sighting.signature
        return False

    def _open(self, subject: Subject, meter: Meter) -> Destination:
        if self._backend is None or self._opened is None:
            # Remembered before anything can go wrong: what is not sent now is sent later.
            self._ledger.see(subject.recorded_path, self._discretion.text(subject.cwd))
            self._memory.recall(self._ledger.files())
            if self._backend is None:
                self._backend = self._open_backend()
                self._asked = self._backend.requests
            place, session_id = self._lived_as
            info = self._description.of_session(subject)
            if place == self._backend.name:
                info = replace(info, known_id=session_id)
            self._opened = self._backend.open_session(info)
            self._ledger.opened(self._backend.name, self._opened.session_id)
            self._lived_as = copy = (self._backend.name, self._opened.session_id)
            self._memory.opened(copy, self._opened.files, self._ledger.files())
        return Destination(
            self._backend,
            self._opened.session_id,
            self._ledger,
            meter,
            lambda kind, lines: self._describe(subject, kind, lines, meter),
        )

    def _describe(self, subject: Subject, kind: str, lines: bytes, meter: Meter) -> ChunkMetadata:
        """What lines say of their session; what they say of others goes there at once."""
        for external_id, summary in self._assistant.earlier_summaries(
            subject.transcript_path, kind, lines
        ):
            try:
                if self._backend is not None:
                    self._backend.summarize(self._assistant.provider, external_id, summary)
            except BackendError:
                pass  # a title for another session is not worth this one's lines
        metadata = self._description.of_lines(subject, kind, lines)
        meter.add(parses=metadata.parses)
        return metadata

    def _sync_side_file(self, sighting: Sighting, to: Destination) -> None:
        if sighting.size > side_file.LARGEST:
            self._notes[sighting.name] = f"too large to archive ({sighting.size} bytes)"
            return
        known = self._memory.known(sighting.name, sighting.kind)
        archived = side_file.archive(sighting, known, to)
        if archived is not None:
            self._memory.sides[sighting.name] = archived

    def _report(self, sighting: Sighting) -> FileReport:
        name, kind = sighting.name, sighting.kind
        known = self._memory.known(name, kind)
        note, unread = self._notes.get(name, ""), name in self._unread
        if name in self._not_taken:
            return FileReport(name, kind, 0, 0, 0, NOT_TAKEN)
        if kind == SIDE:
            done = sighting.size if known.is_all_of(sighting) else 0
            return FileReport(name, kind, 0, done, sighting.size - done, note, unread)
        position = known.position
        # Nothing of a file that has diverged waits to be sent.
        behind = 0 if known.has_diverged else max(0, sighting.size - position.offset)
        file = self._memory.lines.get(name)
        if not note and behind and file is not None and file.signature == sighting.signature:
            note = UNFINISHED_LINE
        note = "; ".join(filter(None, (note, known.lasting_note, known.exceptions)))
        return FileReport(name, kind, position.lines, position.offset, behind, note, unread)

    def _doubt(self, error: ConfabError) -> None:
        """After an unclear answer, start from the backend's own word next time.

        Not so after `SessionGone`: asking would create the deleted session anew.
        """
        to_be_configured = isinstance(error, (ConfigError, BackendUnauthorized, BackendForbidden))
        if to_be_configured:
            self._close_backend()
            self._backend = None
            self._forget_whose_it_is()
        if to_be_configured or isinstance(error, (BackendUnavailable, PositionMoved)):
            self._opened = None
            self._memory.doubt()
            self._not_taken.clear()


def cycle_seconds(files: int) -> float:
    """How long a cycle over so many files goes on sending."""
    return min(LONGEST_CYCLE, max(CYCLE_SECONDS, files * SECONDS_PER_FILE))


def _moment(timestamp: str) -> datetime:
    try:
        return datetime.fromisoformat(timestamp).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
