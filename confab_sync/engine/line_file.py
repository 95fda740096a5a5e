"""Bringing the copy of one growing file up to date, batch by batch."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.engine import tail
from confab_sync.engine.position import NO_EVIDENCE, START, Position, digest
from confab_sync.engine.registry import Acknowledged, KnownFile
from confab_sync.engine.report import Work
from confab_sync.errors import PositionMoved
from confab_sync.store.values import Chunk, FilePosition

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.assistant import Sighting
    from confab_sync.engine.ledger import Ledger

REWRITTEN = "rewritten locally; earlier generations are kept"


class LineFile:
    """One transcript, subagent transcript or journal, and how far it is acknowledged.

    `stored` is the backend's position, `known` what the registry remembers; where they
    differ the backend is right, and the registry's evidence is of no use.
    """

    def __init__(self, name: str, kind: str, known: KnownFile, stored: FilePosition | None) -> None:
        self.known = replace(known, name=name, kind=kind)
        self.signature: tuple[int, int, int, int] | None = None
        """The file as it was when nothing was left to send."""
        there = _position(stored)
        if known.position != there:
            self.known = replace(self.known, position=there, evidence=NO_EVIDENCE)

    @property
    def position(self) -> Position:
        """What is acknowledged."""
        return self.known.position

    def sync(
        self,
        sighting: Sighting,
        backend: Backend,
        session_id: str,
        ledger: Ledger,
        *,
        is_complete: Callable[[bytes], bool] | None,
        may_go_on: Callable[[], bool],
    ) -> tuple[Work, bool]:
        """Send what is new; the cost, and whether more is left because `may_go_on` said no.

        Raises `OSError` when the file cannot be read and `BackendError`; what was
        acknowledged before stays acknowledged.
        """
        if self._is_unchanged(sighting):
            self.signature = sighting.signature
            return Work(), False
        work = Work(files_opened=1)
        descriptor = tail.open_file(sighting.path)
        try:
            self._check(descriptor, sighting, backend, session_id, ledger)
            while True:
                try:
                    batch = tail.read_batch(
                        descriptor,
                        self.position,
                        self.known.evidence,
                        is_complete=is_complete,
                    )
                except tail.FileRewritten:
                    self._restart(backend, session_id)
                    continue
                if batch is None:
                    self.signature = sighting.signature
                    return work, False
                self._send(batch, sighting, backend, session_id, ledger)
                work += Work(
                    bytes_read=len(batch.data),
                    lines_sent=batch.lines,
                    bytes_sent=len(batch.data),
                    commits=1,
                )
                if not may_go_on():
                    return work, True
        finally:
            os.close(descriptor)

    def _is_unchanged(self, sighting: Sighting) -> bool:
        """Whether the file is as it was when the last of it was acknowledged, perhaps by an
        earlier image of the daemon: then there is no need to open it."""
        return (
            self.known.evidence.tail_length > 0
            and self.position.offset == sighting.size == self.known.size
            and self.known.mtime_ns == sighting.mtime_ns
        )

    def _send(
        self,
        batch: tail.Batch,
        sighting: Sighting,
        backend: Backend,
        session_id: str,
        ledger: Ledger,
    ) -> None:
        stored_lines = backend.append(
            session_id,
            Chunk(
                file_name=self.known.name,
                file_type=self.known.kind,
                first_line=batch.first_line,
                lines=batch.lines,
                data=batch.data,
                source_end=batch.position.offset,
                open_end=batch.position.open_end,
            ),
        )
        if stored_lines != batch.position.lines:
            raise PositionMoved(
                f"the backend acknowledged line {stored_lines} of {self.known.name}"
                f" instead of {batch.position.lines}"
            )
        start = self.position.offset
        self.known = replace(
            self.known,
            position=batch.position,
            evidence=batch.evidence,
            size=sighting.size,
            mtime_ns=sighting.mtime_ns,
        )
        span = Acknowledged(start, batch.position.offset, digest(batch.data))
        ledger.acknowledge(self.known, span)

    def _check(
        self,
        descriptor: int,
        sighting: Sighting,
        backend: Backend,
        session_id: str,
        ledger: Ledger,
    ) -> None:
        """Make sure that what is acknowledged is still there, as far as reading would not show.

        A position whose evidence is lost must at least end a line; a file that was touched
        without growing is compared span by span.
        """
        if self.position == START:
            return
        if not self.known.evidence.tail_length:
            if not tail.ends_a_line(descriptor, self.position):
                self._restart(backend, session_id)
                return
            evidence = tail.gather_evidence(descriptor, self.position.offset)
            self.known = replace(self.known, evidence=evidence)
        touched = self.known.mtime_ns != sighting.mtime_ns
        if touched and sighting.size == self.position.offset:
            spans = ledger.spans(self.known.name)
            if any(_differs(descriptor, span) for span in spans):
                self._restart(backend, session_id)
                return
            self.known = replace(self.known, size=sighting.size, mtime_ns=sighting.mtime_ns)
            ledger.acknowledge(self.known)

    def _restart(self, backend: Backend, session_id: str) -> None:
        """Begin the copy anew; what was archived of the old content stays archived."""
        backend.restart_file(session_id, self.known.name)
        self.known = replace(self.known, position=START, evidence=NO_EVIDENCE, note=REWRITTEN)


def _position(stored: FilePosition | None) -> Position:
    if stored is None:
        return START
    return Position(stored.lines, stored.source_bytes, stored.open_end)


def _differs(descriptor: int, span: Acknowledged) -> bool:
    return digest(os.pread(descriptor, span.stop - span.start, span.start)) != span.digest
