"""Copying archived sessions to a server, one after the other."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from confab_sync import consent
from confab_sync.claude.layout import TRANSCRIPT
from confab_sync.claude.lines import lines_of
from confab_sync.claude.metadata import chunk_metadata
from confab_sync.claude.workplaces import workplaces_in
from confab_sync.cli.living import is_held
from confab_sync.cli.remains import is_ours
from confab_sync.cli.status_table import short_id
from confab_sync.engine.push import Target, push
from confab_sync.engine.told import named
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendUnauthorized,
    BackendUnavailable,
    FileUnavailable,
    PositionMoved,
    SessionGone,
    StoreError,
)
from confab_sync.presence import marker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from confab_sync.backends.protocol import Backend
    from confab_sync.cli.context import Context
    from confab_sync.cli.pushed import Outcome
    from confab_sync.config import Config
    from confab_sync.engine.push import Pushed
    from confab_sync.engine.told import Record
    from confab_sync.store.archive import Archive
    from confab_sync.store.source import Source
    from confab_sync.store.values import StoredSession

PATIENCE = 300.0
"""Seconds without any progress after which a server that does not answer is given up."""

LONGEST_WAIT = 60.0
"""Seconds between two attempts, whatever the server asks for."""

FIRST_WAIT = 2.0

COLLISIONS = 3
"""How often a session is begun again that somebody else is sending, or deleting, as well."""

STUMBLES = 3
"""Sessions in a row that the server may fail on until the rest is left for later."""

BEING_SENT = "its daemon sends it there itself"


@dataclass(frozen=True, slots=True)
class Destination:
    """The server: `backend` masks, `reader` reads a session back, `record` is what it was told."""

    url: str
    backend: Backend
    reader: Callable[[str, str], Source]
    record: Record


class Pushing:
    """Sends sessions of `archive` to a destination.

    `is_chosen` says that the user has named them: then those that were deleted there are sent
    anew. `is_own` says that they are this machine's user's, whose rules hold for them. `clock`
    is monotonic in seconds, `pause` waits for some.
    """

    def __init__(
        self,
        context: Context,
        config: Config,
        archive: Archive,
        destination: Destination,
        outcome: Outcome,
        *,
        is_chosen: bool,
        is_own: bool = True,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._context = context
        self._config = config
        self._archive = archive
        self._to = destination
        self._outcome = outcome
        self._is_chosen = is_chosen
        self._is_own = is_own
        self._clock = clock
        self._pause = pause
        self._stumbles = 0
        self._step: Callable[[int], None] = lambda _: None
        self._show: Callable[[str], None] = lambda _: None

    def run(
        self,
        sessions: Sequence[StoredSession],
        sent_by_daemons: Mapping[str, str],
        *,
        silent: bool = False,
    ) -> None:
        """Send them all, with a progress bar unless `silent`; what came of it is in the outcome.

        `sent_by_daemons` says by external id where daemons send sessions. Raises `ConfigError`.
        """
        self._outcome.not_tried = len(sessions)
        with click.progressbar(
            length=max(1, sum(session.bytes for session in sessions)),
            label="Pushing",
            width=0,
            item_show_func=lambda item: item,
            file=io.StringIO() if silent else None,
        ) as bar:
            self._show = lambda text: bar.update(0, text)
            for number, session in enumerate(sessions, 1):
                rest = session.bytes

                def step(size: int) -> None:
                    nonlocal rest
                    size = min(size, rest)  # what is tried again counts once
                    rest -= size
                    bar.update(size)

                self._step = step
                self._show(f"{number:,}/{len(sessions):,} {short_id(session.external_id)}")
                if not self._send(session, sent_by_daemons.get(session.external_id, "")):
                    return
                self._outcome.not_tried -= 1
                step(rest)

    def _send(self, session: StoredSession, daemon_sends_to: str) -> bool:
        """Send one; False when there is no use in trying the next."""
        name = session.external_id
        try:
            why = self._refusal(session, daemon_sends_to)
            if why is None:
                self._outcome.sent[name] = self._patiently(session)
                self._stumbles = 0
            else:
                self._outcome.left[name] = why
        except FileUnavailable as error:
            self._stumbles += 1
            if self._stumbles >= STUMBLES:
                self._outcome.trouble = error
                return False
            self._outcome.failed[name] = error
        except (BackendUnavailable, BackendUnauthorized, BackendForbidden) as error:
            self._outcome.trouble = error
            return False
        except SessionGone:
            self._outcome.gone.append(name)
        except (BackendError, StoreError) as error:
            self._outcome.failed[name] = error
        return True

    def _patiently(self, session: StoredSession) -> Pushed:
        """Send one session, waiting for a server that is busy as long as it goes on at all."""
        key = named(session.provider, session.external_id)
        last_progress = self._clock()
        wait, collisions = FIRST_WAIT, 0

        def progress(size: int) -> None:
            nonlocal last_progress, wait
            last_progress, wait = self._clock(), FIRST_WAIT
            self._step(size)

        target = Target(
            self._to.backend,
            self._to.reader,
            progress,
            lambda told: self._to.record.remember(key, told),
            chunk_metadata,
        )
        while True:
            told = self._to.record.of(key)
            try:
                return push(self._archive, session, target, told)
            except SessionGone:
                collisions += 1
                if not (self._is_chosen and told.session_id) or collisions > COLLISIONS:
                    raise
                self._to.record.remember(key, type(told)())
            except PositionMoved:
                collisions += 1
                if collisions > COLLISIONS:
                    raise
            except FileUnavailable:
                raise
            except BackendUnavailable as error:
                wait = min(max(wait, error.retry_after or 0.0), LONGEST_WAIT)
                if self._clock() + wait - last_progress > PATIENCE:
                    raise
                self._show(f"{short_id(session.external_id)} waits for the server")
                self._pause(wait)
                wait *= 2

    def _refusal(self, session: StoredSession, daemon_sends_to: str) -> str | None:
        """Why a session is not to be sent, if so: the user's own rules hold for old copies, too.

        Raises `ConfigError`.
        """
        if not self._is_own:
            return None
        if not is_ours(session):
            return consent.refusal(self._config.raw, filter(None, [session.cwd]), self._now)
        paths = self._context.paths.session(session.external_id)
        if daemon_sends_to == self._to.url and is_held(paths):
            return BEING_SENT
        marked = marker.reason(paths.off)
        ruled = consent.ruled_directory(marked) if marked else None
        places = {*filter(None, (session.cwd, ruled)), *self._workplaces(session)}
        return consent.refusal(self._config.raw, places, self._now)

    @property
    def _now(self) -> float:
        return self._context.clock().timestamp()

    def _workplaces(self, session: StoredSession) -> set[str]:
        found: set[str] = set()
        for file in self._archive.files(session.session_id):
            if file.file_type == TRANSCRIPT:
                pieces = self._archive.read_file(session.session_id, file.name)
                found |= workplaces_in(lines_of(pieces))
        return found
