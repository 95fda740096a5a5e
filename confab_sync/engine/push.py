"""Copying a session out of a store to another backend, from where that one has it on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.backends.sameness import same
from confab_sync.engine import pieces
from confab_sync.errors import BackendRefused, FileUnavailable
from confab_sync.store.values import ChunkMetadata, SideFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.protocol import Backend
    from confab_sync.store.archive import Archive
    from confab_sync.store.source import Source
    from confab_sync.store.values import StoredFile, StoredSession, StoredSideFile

SETBACKS = 3
"""Files of one session that the backend may fail on until the rest is left for later."""

TRANSCRIPT = "transcript"
SIDE = "side"
SESSION_END = "session_end"

OTHER_CONTENT = "has other content there, so nothing was added to it"


@dataclass(frozen=True, slots=True)
class Told:
    """What a backend is known to have been told of a session beside its lines.

    `session_id` is the session's there, `ends` the moments of its ends, `summary` a digest,
    `side_files` digests of names and contents, `others` digests of the names of files that had
    other content there. Empty before the first time.
    """

    session_id: str = ""
    ends: frozenset[str] = frozenset()
    summary: str = ""
    side_files: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


@dataclass(slots=True)
class Pushed:
    """What came of one session."""

    lines: int = 0
    side_files: int = 0
    replaced: int = 0
    """Lines for which a placeholder was sent, because the backend does not take them."""
    repaired: int = 0
    """Lines that were not UTF-8: the bytes that were not are replaced there."""
    not_taken: int = 0
    """Files of a kind that the backend does not keep."""
    older: int = 0
    """Files that were rewritten: of those only the newest content is copied."""
    problems: list[str] = field(default_factory=list)
    """What could not be copied, and why."""

    @property
    def did_something(self) -> bool:
        """Whether anything was sent."""
        return bool(self.lines or self.side_files)


@dataclass(frozen=True, slots=True)
class Target:
    """Where sessions are copied to: `backend` masks before it hands on.

    `reader` opens a session for reading there, given its id there and its external id;
    `progress` is told of bytes of the store that are done with, `remember` of what to hand in
    as `Told` the next time; `describe` reads what lines of a file of a kind say of their session.
    """

    backend: Backend
    reader: Callable[[str, str], Source]
    progress: Callable[[int], None]
    remember: Callable[[Told], None]
    describe: Callable[[str, bytes], ChunkMetadata]


def push(archive: Archive, session: StoredSession, target: Target, told: Told) -> Pushed:
    """Send what the backend has not: lines, side files, ends and the summary.

    May be interrupted at any moment and done again. Raises `BackendError` for what stands in
    the way of the whole session, `SessionGone` among them when it was deleted there since
    `told`, and `StoreError`.
    """
    return _Push(archive, session, target, told).run()


class _Push:
    """One session on its way."""

    def __init__(
        self, archive: Archive, session: StoredSession, target: Target, told: Told
    ) -> None:
        self._archive = archive
        self._session = session
        self._target = target
        self._backend = target.backend
        self._told = told
        self._was_known = bool(told.session_id)
        self._pushed = Pushed()
        self._setbacks = 0
        files = archive.files(session.session_id)
        self._files = sorted(files, key=lambda each: each.file_type != TRANSCRIPT)
        self._side_files = archive.side_files(session.session_id)

    def run(self) -> Pushed:
        there = self._positions()
        for file in self._files:
            self._attempt(file.name, partial(self._file, file, there.get(file.name, 0)))
        kept = self._kept_whole()
        for side_file in self._side_files:
            is_there = side_file.name in kept
            self._attempt(side_file.name, partial(self._side_file, side_file, is_there=is_there))
        self._ends()
        self._summary()
        return self._pushed

    def _positions(self) -> dict[str, int]:
        """How many lines of each file are there. Opens the session only if some are missing.

        One that is known is read, which costs a server less, and creates nothing.
        """
        if self._was_known:
            there = {file.name: file.lines for file in self._reader().files()}
            if all(there.get(file.name, 0) >= file.lines for file in self._files):
                return there
        opened = self._backend.open_session(pieces.info(self._session))
        if opened.session_id != self._told.session_id:
            self._was_known = False
            self._told = Told(opened.session_id)
            self._target.remember(self._told)
        return {name: file.lines for name, file in opened.files.items()}

    def _kept_whole(self) -> frozenset[str]:
        """The side files of a known session that are there."""
        if not self._was_known or not self._side_files:
            return frozenset()
        return frozenset(file.name for file in self._reader().side_files())

    def _reader(self) -> Source:
        return self._target.reader(self._told.session_id, self._session.external_id)

    def _attempt(self, name: str, work: Callable[[], None]) -> None:
        """One file's trouble is not the others', unless they all have it."""
        try:
            work()
        except FileUnavailable:
            self._setbacks += 1
            if self._setbacks >= SETBACKS:
                raise
            self._pushed.problems.append(f"{name}: the backend fails on it; try again later")
        except BackendRefused as error:
            self._pushed.problems.append(f"{name}: {error}")

    def _file(self, file: StoredFile, there: int) -> None:
        if not self._backend.takes(file.file_type, file.name):
            self._pushed.not_taken += 1
            return
        self._pushed.older += file.generation > 1
        mark = _digest(file.name.encode("utf-8", "surrogateescape"))
        is_new = not self._was_known or there < file.lines or mark in self._told.others
        if 0 < there <= file.lines and is_new and not self._is_same(file.name, there):
            self._pushed.problems.append(f"{file.name}: {OTHER_CONTENT}")
            self._note(others=self._told.others | {mark})
            return
        if there >= file.lines:
            self._target.progress(file.bytes)
            return
        is_transcript = file.file_type == TRANSCRIPT
        metadata = pieces.metadata(self._session) if is_transcript else ChunkMetadata()
        first, done = there + 1, 0
        after = self._archive.read_after(self._session.session_id, file.name, there)
        for data in pieces.batches(after):
            chunk = pieces.chunk(file, first, data, self._describing(file.file_type, metadata))
            appended = self._backend.append(self._told.session_id, chunk)
            self._pushed.lines += chunk.lines
            self._pushed.replaced += appended.replaced
            self._pushed.repaired += appended.repaired
            self._target.progress(len(data))
            first, done, metadata = first + chunk.lines, done + len(data), ChunkMetadata()
        self._target.progress(file.bytes - done)
        if is_transcript:
            self._note(summary=_digest((self._session.summary or "").encode()))

    def _describing(self, kind: str, known: ChunkMetadata) -> Callable[[bytes], ChunkMetadata]:
        """What lines, masked by now, are sent with: what is known of the session, and a title.

        That is made anew of the lines. The store's was cut and freed of tags, maybe before
        anything was masked, so that what is left of a secret may not be known as one.
        """
        return lambda lines: replace(
            known, first_user_message=self._target.describe(kind, lines).first_user_message
        )

    def _is_same(self, name: str, number: int) -> bool:
        """Whether the last line that is there may be the one of this number here."""
        session, before = self._session.session_id, number - 1
        here = pieces.first_line(self._archive.read_after(session, name, before))
        there = pieces.first_line(self._reader().read_after(name, before))
        return same(here, there) is not False

    def _side_file(self, file: StoredSideFile, *, is_there: bool) -> None:
        if not self._backend.takes(SIDE, file.name):
            self._pushed.not_taken += 1
            return
        mark = _digest(f"{file.name}\0{file.digest}".encode())
        if is_there and mark in self._told.side_files:
            return
        data = self._archive.read_side_file(self._session.session_id, file.name)
        side_file = SideFile(file.name, data, file.mtime_ns)
        self._backend.put_side_file(self._told.session_id, side_file)
        self._pushed.side_files += 1
        self._note(side_files=self._told.side_files | {mark})

    def _ends(self) -> None:
        for event in self._archive.events(self._session.session_id):
            moment = event.timestamp.isoformat()
            if event.type == SESSION_END and moment not in self._told.ends:
                self._backend.end_session(self._told.session_id, event.timestamp, event.payload)
                self._note(ends=self._told.ends | {moment})

    def _summary(self) -> None:
        """Tell a summary that came after the last line: lines carry it otherwise."""
        session = self._session
        digest = _digest((session.summary or "").encode())
        if session.summary and digest != self._told.summary:
            self._backend.summarize(session.provider, session.external_id, session.summary)
            self._note(summary=digest)

    def _note(self, **changes: object) -> None:
        self._told = replace(self._told, **changes)  # type: ignore[arg-type]
        self._target.remember(self._told)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
