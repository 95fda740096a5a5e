"""Where a session's transcript lies now, and what of its place may be put on record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.redaction.discretion import REDACTED, hidden, is_hidden

if TYPE_CHECKING:
    from confab_sync.engine.assistant import Assistant
    from confab_sync.engine.subject import Subject
    from confab_sync.redaction.discretion import Discretion


class Whereabouts:
    """Finds a session's transcript, and looks at its place once for as long as it stays there."""

    def __init__(self, assistant: Assistant, discretion: Discretion) -> None:
        self._assistant = assistant
        self._discretion = discretion
        self._placed: dict[Subject, Subject] = {}
        """Where the last subject's transcript and directory were found to be."""

    def of(self, subject: Subject) -> Subject:
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

    def forget(self) -> None:
        """Look at the place anew: what may be put on record can have changed."""
        self._placed.clear()
