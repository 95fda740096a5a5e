"""One cycle: look at every file of a session, send what is new, say how it stands."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.engine.description import Description
from confab_sync.engine.git_info import GitInfo
from confab_sync.engine.memory import Memory
from confab_sync.engine.opening import Opening
from confab_sync.engine.report import CycleReport, Meter
from confab_sync.engine.session_files import SessionFiles
from confab_sync.engine.whereabouts import Whereabouts
from confab_sync.errors import ConfabError
from confab_sync.paths import user_home
from confab_sync.redaction.discretion import Discretion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.assistant import Assistant, Sighting
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.subject import Subject

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
        self._ledger = ledger
        self._clock = clock
        discretion = discretion or Discretion()
        description = Description(assistant, git or GitInfo(user_home(os.environ), clock))
        self._memory = Memory()
        self._whereabouts = Whereabouts(assistant, discretion)
        self._opening = Opening(
            assistant, open_backend, ledger, description, discretion, self._memory, lived_as
        )
        self._files = SessionFiles(assistant, self._memory)
        self._first = ""
        """The file that the next cycle begins with, where the last one had no time for all."""

    def cycle(self, subject: Subject, *, final: bool = False) -> CycleReport:
        """Send what is new of all files; never raises for a backend, a file or a configuration.

        With `final`, an unterminated last line that is whole is sent as well: right only once
        nobody writes any more.
        """
        subject = self._whereabouts.of(subject)
        located = subject.transcript_path
        on_disk = self._assistant.files(located)
        sightings = self._files.look(on_disk, final=final)
        deadline = self._clock() + cycle_seconds(len(sightings))
        meter = Meter()
        meter.add(files_seen=len(sightings), stats=len(sightings))
        more = False
        error: ConfabError | None = None
        turns = self._turns(sightings)
        self._first = ""

        def is_done(sighting: Sighting) -> bool:
            return self._files.is_done(sighting, final=final)

        def may_go_on() -> bool:
            return self._clock() < deadline

        try:
            to = None
            if not all(map(is_done, sightings)):
                to = self._opening.open(subject, meter)
            for number, sighting in enumerate(turns, 1):
                if to is None or is_done(sighting):
                    continue
                more = self._files.sync(sighting, to, may_go_on, final=final) or more
                # Only what was sent excuses stopping early, or a slow failure starves the rest.
                late = self._clock() > deadline and meter.work.commits > 0
                if late and number < len(turns):
                    more = True
                    self._first = turns[number].name
                    break
            error = self._files.setback
        except ConfabError as caught:
            error = caught
        meter.add(requests=self._opening.newly_asked())
        if error is not None and self._opening.doubt(error):
            self._files.doubt()
        return CycleReport(
            transcript_path=located,
            fingerprint=self._assistant.fingerprint(on_disk),
            files=tuple(self._files.report(sighting) for sighting in sightings),
            work=meter.work,
            backend=self._opening.backend,
            backend_session_id=self._opening.session_id,
            more=more,
            error=error,
            recorded_path=subject.recorded_path,
        )

    def _turns(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """The files in the order in which they are looked at.

        A transcript that always has something new must not starve the files after it.
        """
        names = [sighting.name for sighting in sightings]
        at = names.index(self._first) if self._first in names else 0
        return [*sightings[at:], *sightings[:at]]

    def end(self, timestamp: str, payload: object) -> bool:
        """Tell the backend that the session ended; False when it was never opened there.

        `timestamp` is the record's own (RFC 3339): of each the backend is told once, even by
        another daemon. Raises `BackendError`.
        """
        return self._opening.end(timestamp, payload)

    def tell_ends(self, subject: Subject) -> None:
        """Tell the backend of the ends of the session that it could not be told of in time.

        Raises `BackendError` and `ConfigError`.
        """
        self._opening.tell_ends(subject)

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
        self._opening.close()
        self._files.close()

    def reconfigure(self) -> None:
        """Ask for the backend anew at the next cycle: the configuration changed."""
        self._opening.forget()
        self._files.forget()
        self._whereabouts.forget()


def cycle_seconds(files: int) -> float:
    """How long a cycle over so many files goes on sending."""
    return min(LONGEST_CYCLE, max(CYCLE_SECONDS, files * SECONDS_PER_FILE))
