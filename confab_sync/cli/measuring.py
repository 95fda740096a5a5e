"""Sessions without a daemon: what the registry knows, compared with the files on disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.claude.layout import SIDE, locate, session_files
from confab_sync.cli.living import project
from confab_sync.cli.views import ARCHIVED, UNFINISHED, FileView, SessionView
from confab_sync.engine.known import KnownFile
from confab_sync.engine.reader import open_reader
from confab_sync.paths import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from confab_sync.claude.layout import Sighting
    from confab_sync.engine.known import KnownSession

UNFINISHED_LINE = "ends in an unfinished line"
TRANSCRIPT_GONE = "the transcript is gone"
CANNOT_BE_READ = "cannot be read: "
NOTHING_BEHIND = "everything on disk is archived"

LOOKED_THROUGH = 1024 * 1024
"""Bytes behind the acknowledged ones that are searched for the end of a line."""


def measured(session: KnownSession, known: Mapping[str, KnownFile]) -> SessionView:
    """A session that has no daemon now."""
    path = locate(session.transcript_path) or session.transcript_path
    shown = session.transcript_path if HIDDEN in session.transcript_path else path
    files = tuple(_files(path, known))
    behind = sum(file.behind_bytes for file in files)
    return SessionView(
        id=session.external_id,
        project=project(session.cwd, shown),
        phase=ARCHIVED if session.finished and not behind else UNFINISHED,
        note=_note(session, path, files),
        backend=session.backend,
        lines=sum(file.lines for file in files),
        bytes=sum(file.bytes for file in files),
        behind_bytes=behind,
        last_error=session.last_error,
        since=session.last_seen,
        started_at=session.first_seen,
        transcript_path=shown,
        files=files,
    )


def _note(session: KnownSession, path: str, files: tuple[FileView, ...]) -> str:
    if session.finished or any(file.note.startswith(CANNOT_BE_READ) for file in files):
        return ""
    if not os.path.lexists(path):
        return TRANSCRIPT_GONE
    return "" if any(file.behind_bytes for file in files) else NOTHING_BEHIND


def _files(transcript_path: str, known: Mapping[str, KnownFile]) -> Iterator[FileView]:
    """All files, those on disk first."""
    on_disk = {seen.name: seen for seen in session_files(transcript_path)}
    for name, seen in on_disk.items():
        yield _on_disk(seen, known.get(name) or KnownFile(name, seen.kind))
    for name, file in known.items():
        if name not in on_disk:
            behind = max(0, file.size - file.position.offset)
            yield FileView(
                name, file.kind, file.position.lines, file.position.offset, behind, file.note
            )


def _on_disk(seen: Sighting, known: KnownFile) -> FileView:
    if seen.trouble is not None:
        lines, done = known.position.lines, known.position.offset
        note = f"{CANNOT_BE_READ}{seen.trouble.strerror}"
        return FileView(seen.name, seen.kind, lines, done, 0, note)
    if seen.kind == SIDE:
        done = seen.size if known.is_all_of(seen) else 0
        return FileView(seen.name, SIDE, 0, done, seen.size - done, known.note)
    position = known.position
    behind = max(0, seen.size - position.offset)
    note = known.note if behind else known.lasting_note
    if behind and not note and _is_unfinished_line(seen.path, position.offset, behind):
        note = UNFINISHED_LINE
    return FileView(seen.name, seen.kind, position.lines, position.offset, behind, note)


def _is_unfinished_line(path: str, offset: int, length: int) -> bool:
    if length > LOOKED_THROUGH:
        return False
    try:
        with open_reader(path) as reader:
            return b"\n" not in reader.read(offset, length)
    except OSError:
        return False
