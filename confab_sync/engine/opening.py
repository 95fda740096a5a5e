"""Having a session open at the backend, from the first thing to be sent until it is in doubt."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.engine.destination import Destination
from confab_sync.engine.known import OwedEnd
from confab_sync.engine.report import Meter
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendUnauthorized,
    BackendUnavailable,
    ConfabError,
    ConfigError,
    PositionMoved,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.assistant import Assistant
    from confab_sync.engine.description import Description
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.memory import Memory
    from confab_sync.engine.subject import Subject
    from confab_sync.redaction.discretion import Discretion
    from confab_sync.store.values import ChunkMetadata, OpenedSession


class Opening:
    """One session at its backend; neither is asked for before there is something to send.

    `lived_as` names the backend, and the session's id there, as they were last known.
    """

    def __init__(
        self,
        assistant: Assistant,
        open_backend: Callable[[], Backend],
        ledger: Ledger,
        description: Description,
        discretion: Discretion,
        memory: Memory,
        lived_as: tuple[str, str],
    ) -> None:
        self._assistant = assistant
        self._open_backend = open_backend
        self._ledger = ledger
        self._description = description
        self._discretion = discretion
        self._memory = memory
        self._lived_as = lived_as
        self._backend: Backend | None = None
        self._asked = 0
        """Requests of the backend that are counted already."""
        self._opened: OpenedSession | None = None

    @property
    def backend(self) -> str:
        """The backend's name; empty while there is none."""
        return self._backend.name if self._backend else ""

    @property
    def session_id(self) -> str:
        """The session's id at the backend; empty while it is not open there."""
        return self._opened.session_id if self._opened else ""

    def open(self, subject: Subject, meter: Meter) -> Destination:
        """Open the session unless it is open. Raises `BackendError` and `ConfigError`."""
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

    def newly_asked(self) -> int:
        """How often the server was asked for something since this was last called."""
        if self._backend is None:
            return 0
        before, self._asked = self._asked, self._backend.requests
        return self._asked - before

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
            to = self.open(subject, Meter())
            to.backend.end_session(to.session_id, _moment(end.timestamp), json.loads(end.payload))
            self._ledger.owe_end(end, told=True)

    def doubt(self, error: ConfabError) -> bool:
        """After an unclear answer, start from the backend's own word next time; True then.

        Not so after `SessionGone`: asking would create the deleted session anew.
        """
        to_be_configured = isinstance(error, (ConfigError, BackendUnauthorized, BackendForbidden))
        if to_be_configured:
            self._drop_backend()
        if to_be_configured or isinstance(error, (BackendUnavailable, PositionMoved)):
            self._opened = None
            return True
        return False

    def forget(self) -> None:
        """Ask for the backend and the session anew."""
        self._drop_backend()
        self._opened = None

    def close(self) -> None:
        """Let go of the backend."""
        if self._backend is not None:
            with suppress(ConfabError):  # what it may have to say is no news any more
                self._backend.close()

    def _drop_backend(self) -> None:
        self.close()
        self._backend = None
        # Another key may be another user's, who has another session; a store needs none.
        if self._lived_as[0] != EmbeddedBackend.name:
            self._lived_as = ("", "")


def _moment(timestamp: str) -> datetime:
    try:
        return datetime.fromisoformat(timestamp).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
