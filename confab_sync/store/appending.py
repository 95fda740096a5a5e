"""The rule by which a chunk may follow on what a session has stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import NotContiguous, StoreError, TooManyChunks
from confab_sync.store import chunks, files, sessions
from confab_sync.store.codec import Packed
from confab_sync.store.names import check_name
from confab_sync.store.schema import OWNER
from confab_sync.store.values import Chunk, FilePosition

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from confab_sync.store.values import Lines

_MAX_TYPE = 50


def append(
    connection: sqlite3.Connection,
    session_id: str,
    chunk: Chunk,
    now: datetime,
    user: int = OWNER,
) -> int:
    """Store a chunk and what it says of its session; the file's number of lines now.

    The file begins with its first chunk, which fixes its type. Raises `UnknownSession`,
    `ForeignSession`, `NotContiguous` when `first_line` is not the line after the last stored
    one (contract §3.3), `StoreError` for an unclean name or when the chunk's numbers contradict
    its bytes, and `NotAsWritten` when what it would be merged with is damaged.
    """
    check_name(chunk.file_name)
    session = sessions.row_of(connection, session_id, user)
    file = files.find(connection, session, chunk.file_name)
    stored = _stored(file, chunk)
    _check(chunk, stored)
    if file is None:
        file = files.create(connection, session, chunk.file_name, chunk.file_type, 1, now)
    newlines = stored.lines - stored.open_end
    packed = chunk.prepared if isinstance(chunk.prepared, Packed) else None
    chunks.append(connection, file.id, file.bytes, newlines, chunk.data, packed=packed)
    position = FilePosition(
        stored.lines + chunk.lines,
        chunk.source_end,
        chunk.open_end,
        stored.generation,
        stored.file_type,
    )
    files.advance(connection, file, position, chunk.data, now)
    sessions.touch(connection, session, now)
    if chunk.file_type == "transcript":
        sessions.apply_metadata(connection, session, chunk.metadata, now)
    return position.lines


def append_lines(
    connection: sqlite3.Connection, session_id: str, lines: Lines, now: datetime, user: int
) -> int:
    """Store whole lines that came without their newlines; the file's number of lines now.

    What the client's own file looks like is not known here, so its offset moves by what is
    stored. Raises as `append` does, and `TooManyChunks`.
    """
    check_name(lines.file_name)
    session = sessions.row_of(connection, session_id, user)
    file = files.find(connection, session, lines.file_name)
    stored = _stored(file, lines)
    if file is not None and file.chunks >= lines.max_chunks:
        raise TooManyChunks(f"the file {lines.file_name!a} has {file.chunks} chunks")
    # A daemon of the embedded store may have left the last line without its newline.
    data = b"\n" * stored.open_end + b"".join(line + b"\n" for line in lines.lines)
    chunk = Chunk(
        file_name=lines.file_name,
        file_type=lines.file_type,
        first_line=lines.first_line,
        lines=len(lines.lines),
        data=data,
        source_end=(stored.source_bytes or 0) + len(data),
        metadata=lines.metadata,
    )
    number = append(connection, session_id, chunk, now, user)
    written = files.find(connection, session, lines.file_name)
    assert written is not None  # noqa: S101 - it was written just now
    files.count_chunk(connection, written)
    return number


def _stored(file: files.FileRow | None, following: Chunk | Lines) -> FilePosition:
    """Where the file ends, provided that the lines follow on that; else `NotContiguous`."""
    stored = file.position if file else FilePosition(0, 0, False, 1, following.file_type)
    if following.first_line != stored.lines + 1:
        raise NotContiguous(stored.lines + 1, following.first_line)
    return stored


def _check(chunk: Chunk, stored: FilePosition) -> None:
    objection = _objection(chunk, stored)
    if objection:
        raise StoreError(f"the store refuses a chunk of {chunk.file_name!a}: {objection}")


def _objection(chunk: Chunk, stored: FilePosition) -> str | None:
    data = chunk.data
    if not data:
        return "it is empty"
    if not 0 < len(chunk.file_type) <= _MAX_TYPE:
        return f"its file type is empty or longer than {_MAX_TYPE} characters"
    if stored.open_end and not data.startswith(b"\n"):
        return "the line before it has no newline yet, and the chunk does not begin with one"
    if chunk.open_end == data.endswith(b"\n"):
        return "whether its last line has a newline is not as it says"
    # After an open end the first newline closes the old line; an open end is one line more.
    lines = data.count(b"\n") - stored.open_end + chunk.open_end
    if lines != chunk.lines:
        return f"it says that it adds {chunk.lines} lines, but its bytes are {lines}"
    if chunk.source_end < (stored.source_bytes or 0):
        return f"it ends at byte {chunk.source_end}, before the {stored.source_bytes} stored"
    return None
