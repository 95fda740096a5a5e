"""What the store has of a session, in the shapes in which another backend takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.store.values import StoredFile, StoredSession

BATCH = 2 * 1024 * 1024
"""Bytes of lines that one chunk aims at; a longer line makes a chunk of its own."""


def batches(pieces: Iterable[bytes], limit: int = BATCH) -> Iterator[bytes]:
    """The bytes of `pieces` as whole lines, the last of which may lack its newline.

    Where a batch ends depends on the lines alone: after an answer that was lost the same
    range is sent again, and never a shorter one (contract §3.3).
    """
    rest = b""
    for piece in pieces:
        rest += piece
        while len(rest) >= limit:
            end = rest.rfind(b"\n", 0, limit) + 1 or rest.find(b"\n", limit) + 1
            if not end:
                break
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def chunk(
    file: StoredFile, first: int, data: bytes, describe: Callable[[bytes], ChunkMetadata]
) -> Chunk:
    """Whole lines of a file, `first` (1-based) and those after it, to be described as masked."""
    open_end = not data.endswith(b"\n")
    return Chunk(
        file_name=file.name,
        file_type=file.file_type,
        first_line=first,
        lines=data.count(b"\n") + open_end,
        data=data,
        source_end=len(data),  # a backend that is pushed to counts lines
        open_end=open_end,
        describe=describe,
    )


def info(session: StoredSession) -> SessionInfo:
    """What the session is opened with."""
    return SessionInfo(
        provider=session.provider,
        external_id=session.external_id,
        transcript_path=session.transcript_path,
        cwd=session.cwd,
        hostname=session.hostname,
        username=session.username,
        git_info=session.git_info,
    )


def metadata(session: StoredSession) -> ChunkMetadata:
    """What all lines of the session have told, as the store has put it together, but its title."""
    return ChunkMetadata(
        summary=session.summary,
        git_info=session.git_info,
        latest_message_at=session.last_message_at,
        created_at=session.first_seen,
    )


def first_line(pieces: Iterable[bytes]) -> bytes:
    """The first line of `pieces` without its newline; empty when there is none."""
    line = b""
    for piece in pieces:
        head, newline, _ = piece.partition(b"\n")
        line += head
        if newline:
            break
    return line
