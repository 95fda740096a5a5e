"""Bringing the copy of one growing file up to date, batch by batch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.engine import stored_lines, tail
from confab_sync.engine.ahead import WORTH_IT, Ahead, Ready
from confab_sync.engine.known import DIVERGED, REWRITTEN, Acknowledged, KnownFile
from confab_sync.engine.position import NO_EVIDENCE, START, Position, digest
from confab_sync.engine.reader import open_reader
from confab_sync.errors import FileDiverged, PositionMoved
from confab_sync.store.values import Chunk, FilePosition

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from confab_sync.engine.assistant import Sighting
    from confab_sync.engine.destination import Destination
    from confab_sync.engine.position import Evidence
    from confab_sync.engine.reader import Reader


class LineFile:
    """One transcript, subagent transcript or journal, and how far it is acknowledged.

    `stored` is the backend's position, `known` what is remembered, `unclear` what will be
    known if the last chunk has arrived, whose answer was lost. Where all differ the backend is
    right, and the remembered evidence is of no use. A backend that counts lines only agrees
    with what has as many; where nothing has, the lines of the file are counted.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        known: KnownFile,
        stored: FilePosition | None,
        unclear: KnownFile | None = None,
    ) -> None:
        own = known
        self._is_unrecorded = unclear is not None and _agrees(unclear.position, stored)
        """Whether the registry has not heard that the chunk has arrived."""
        if unclear is not None and self._is_unrecorded:
            known = unclear
        self.known = replace(known, name=name, kind=kind, note=known.lasting_note)
        self._lines_there: int | None = None
        """The lines that the backend has, while it is not clear where in the file they end."""
        if not _agrees(known.position, stored):
            if stored is not None and stored.source_bytes is None:
                self._lines_there = stored.lines
            else:
                self.known = replace(self.known, position=_position(stored), evidence=NO_EVIDENCE)
        self._own: KnownFile | None = None
        """What is known without the backend's word, until that has been compared."""
        if stored is not None and stored.lines and not _agrees(own.position, stored):
            self._own = replace(own, name=name, kind=kind, note=own.lasting_note)
        says_how_far = self._lines_there is not None or _agrees(known.position, stored)
        self._may_be_whole = self.known.has_diverged and says_how_far
        """Whether to compare the file once more with what the backend has."""
        self.unclear: KnownFile | None = None
        """What will be known once the chunk that is being sent is acknowledged."""
        self.signature: tuple[int, int, int, int] | None = None
        """The file as it was when nothing was left to send."""

    @property
    def position(self) -> Position:
        """What is acknowledged."""
        return self.known.position

    @property
    def lasting(self) -> KnownFile:
        """What stays known when the backend is doubted."""
        return self._own or self.known

    def sync(
        self,
        sighting: Sighting,
        to: Destination,
        *,
        is_complete: Callable[[bytes], bool] | None,
        may_go_on: Callable[[], bool],
        open_file: Callable[[Sighting], AbstractContextManager[Reader]] | None = None,
    ) -> bool:
        """Send what is new; True when more may be left because `may_go_on` said no.

        `open_file` opens what was sighted; without it the file is opened by its path.
        Raises `OSError` when the file cannot be read and `BackendError`; what was
        acknowledged before stays acknowledged. Of a file that has diverged nothing is sent.
        """
        if self.known.has_diverged and not self._is_whole_again(sighting, to):
            self.signature = sighting.signature
            return False
        # Unchanged since an earlier daemon acknowledged the last of it: no need to open it.
        if self._is_current(sighting):
            self._record(to)
            self.signature = sighting.signature
            return False
        with open_file(sighting) if open_file else open_reader(sighting.path) as reader:
            to.meter.add(files_opened=1)
            try:
                self._check(reader, sighting, to)
                self._record(to)
                return self._send_new(reader, sighting, to, is_complete, may_go_on)
            finally:
                to.meter.add(bytes_read=reader.bytes_read, stats=reader.stats)

    def _is_whole_again(self, sighting: Sighting, to: Destination) -> bool:
        """Whether all that the backend has is in the file after all, byte for byte.

        A backend may have told a wrong position, or somebody has put the old file back, or the
        one that went on elsewhere in its place.
        """
        if not self._may_be_whole:
            return False
        self._may_be_whole = False
        with open_reader(sighting.path) as reader:
            to.meter.add(files_opened=1)
            whole = self._whole(reader, to)
            to.meter.add(bytes_read=reader.bytes_read, stats=reader.stats)
        if whole is None:
            return False
        self.known, self._lines_there, self._own = whole, None, None
        to.ledger.acknowledge(self.known)
        return True

    def _whole(self, reader: Reader, to: Destination) -> KnownFile | None:
        """What is known of the file if it is what the backend has; None if that is not sure.

        What was acknowledged must be unchanged, and what is there beyond it be the file's.
        """
        spans = to.ledger.spans(self.known.name)
        if tail.reach(spans) < self.position.offset:
            return None
        found: Position | None = self.position
        if self._lines_there is not None:
            found = tail.position_of(reader, self._lines_there)
        if found is None or tail.vouch(reader, found, spans) is None:
            return None
        if self._lines_there is None:
            return replace(self.known, note="")
        if not stored_lines.are_there(reader, self.known, found, to):
            return None
        return replace(self.known, position=found, evidence=NO_EVIDENCE, note="")

    def _record(self, to: Destination) -> None:
        """Write down what turned out to be acknowledged, although no answer has said so."""
        if self._is_unrecorded:
            to.ledger.acknowledge(self.known)
            self._is_unrecorded = False

    def _is_current(self, sighting: Sighting) -> bool:
        known = self.known
        return (
            self._lines_there is None
            and self._own is None
            and bool(known.evidence.tail_length)
            and known.is_all_of(sighting)
        )

    def _send_new(
        self,
        reader: Reader,
        sighting: Sighting,
        to: Destination,
        is_complete: Callable[[bytes], bool] | None,
        may_go_on: Callable[[], bool],
    ) -> bool:
        with Ahead(partial(self._read, reader, to, is_complete)) as ahead:
            while True:
                try:
                    ready = ahead.take(self.position, self.known.evidence)
                except tail.FileRewritten:
                    self._restart(to)
                    continue
                if ready is None:
                    self._nothing_left(sighting, to)
                    return False
                if sighting.size - ready.position.offset >= WORTH_IT and may_go_on():
                    ahead.begin(ready.position, ready.evidence)
                self._send(ready, sighting, to)
                if not may_go_on():
                    return True

    def _read(
        self,
        reader: Reader,
        to: Destination,
        is_complete: Callable[[bytes], bool] | None,
        position: Position,
        evidence: Evidence,
    ) -> Ready | None:
        """The batch after `position`, with everything done that needs no answer to the last."""
        batch = tail.read_batch(reader, position, evidence, is_complete=is_complete)
        if batch is None:
            return None
        chunk = Chunk(
            file_name=self.known.name,
            file_type=self.known.kind,
            first_line=batch.first_line,
            lines=batch.lines,
            data=batch.data,
            source_end=batch.position.offset,
            open_end=batch.position.open_end,
            describe=partial(to.describe, self.known.kind),
        )
        span = Acknowledged(position.offset, batch.position.offset, digest(batch.data))
        return Ready(to.backend.prepared(chunk), span, batch.position, batch.evidence)

    def _send(self, ready: Ready, sighting: Sighting, to: Destination) -> None:
        self.unclear = replace(
            self.known,
            position=ready.position,
            evidence=ready.evidence,
            size=sighting.size,
            mtime_ns=sighting.mtime_ns,
        )
        appended = to.backend.append(to.session_id, ready.chunk)
        if appended.lines != ready.position.lines:
            raise PositionMoved(
                f"the backend acknowledged line {appended.lines} of {self.known.name}"
                f" instead of {ready.position.lines}"
            )
        size = ready.span.stop - ready.span.start
        to.meter.add(lines_sent=ready.chunk.lines, bytes_sent=size, commits=1)
        self.known, self.unclear = (
            replace(
                self.unclear,
                replaced=self.unclear.replaced + appended.replaced,
                repaired=self.unclear.repaired + appended.repaired,
            ),
            None,
        )
        to.ledger.acknowledge(self.known, ready.span)

    def _nothing_left(self, sighting: Sighting, to: Destination) -> None:
        """The file has shown all its evidence and no line beyond: so it stands now."""
        now = replace(self.known, size=sighting.size, mtime_ns=sighting.mtime_ns)
        if now != self.known and now.is_all_of(sighting):
            to.ledger.acknowledge(now)  # it was only touched: no need to open it again
        self.known = now
        self.signature = sighting.signature

    def _check(self, reader: Reader, sighting: Sighting, to: Destination) -> None:
        """Make sure that what is acknowledged is still there, as far as reading would not show.

        A position without evidence is compared with the whole file; a file that was touched
        without growing, span by span.
        """
        if self._lines_there is not None and not self._find_position(reader, to):
            return
        if self.position == START:
            return
        if self._is_other(reader, to):
            self._restart(to)
            return
        name, known = self.known.name, self.known
        if not known.evidence.tail_length:
            span = tail.vouch(reader, self.position, to.ledger.spans(name))
            if span is None:
                self._restart(to)
                return
            evidence = tail.gather_evidence(reader, self.position.offset)
            self.known = replace(known, evidence=evidence)
            to.ledger.acknowledge(self.known, span)
            return
        touched = known.mtime_ns != sighting.mtime_ns and sighting.size <= known.size
        if touched and not tail.unchanged(reader, to.ledger.spans(name)):
            self._restart(to)

    def _find_position(self, reader: Reader, to: Destination) -> bool:
        """Find where the lines that the backend has end; False when the file has not as many."""
        found = tail.position_of(reader, self._lines_there or 0)
        if found is None:
            self._restart(to)
        else:
            self.known = replace(self.known, position=found, evidence=NO_EVIDENCE)
        self._lines_there = None
        return found is not None

    def _is_other(self, reader: Reader, to: Destination) -> bool:
        """Whether the backend's word was taken for lines that are others there.

        Somebody else may have sent them, or the file was rewritten and nobody knows.
        """
        own = self._own
        if own is None:
            return False
        is_other = stored_lines.are_there(reader, own, self.position, to) is False
        if is_other:
            self.known, self._is_unrecorded = own, False
        self._own = None
        return is_other

    def _restart(self, to: Destination) -> None:
        """Begin the copy anew; what was archived of the old content stays archived.

        Raises `FileDiverged` where that is impossible: a fragment is never sent, and neither
        is the new content behind the old.
        """
        self._own = None
        try:
            to.backend.restart_file(to.session_id, self.known.name)
        except FileDiverged:
            self.known = replace(self.known, note=DIVERGED)
            to.ledger.acknowledge(self.known)
            raise
        self.known = KnownFile(self.known.name, self.known.kind, note=REWRITTEN)
        to.ledger.acknowledge(self.known)


def _agrees(position: Position, stored: FilePosition | None) -> bool:
    if stored is not None and stored.source_bytes is None:
        return position.lines == stored.lines
    return position == _position(stored)


def _position(stored: FilePosition | None) -> Position:
    if stored is None or stored.source_bytes is None:
        return START
    return Position(stored.lines, stored.source_bytes, stored.open_end)
