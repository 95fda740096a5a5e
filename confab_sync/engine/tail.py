"""Reading what a growing file has to offer beyond a position.

Bytes are the unit of truth: a line counts at its newline, whatever is in it, and nothing
is decoded. Every read begins with the evidence that the part already acknowledged is
still what it was, so a rewritten file is noticed even when it has grown past its old
size.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.engine.position import HEAD, TAIL, Evidence, Position, digest

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 2 * 1024 * 1024
"""Bytes of lines that one batch aims at; a longer line makes a batch of its own."""


class FileRewritten(Exception):
    """The file is not a continuation of what was acknowledged. Never leaves the engine."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The next bytes to send: whole lines, and where the file stands after them."""

    data: bytes
    first_line: int
    lines: int
    position: Position
    evidence: Evidence


def open_file(path: str) -> int:
    """Open a file for reading without following a link at its end. Raises `OSError`."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)


def read_batch(
    descriptor: int,
    position: Position,
    evidence: Evidence,
    *,
    is_complete: Callable[[bytes], bool] | None = None,
    limit: int = BATCH,
) -> Batch | None:
    """The next batch of complete lines after `position`; None when there is none yet.

    With `is_complete`, an unterminated last line is taken too if that function finds it
    whole: only right once nobody writes any more. Raises `FileRewritten` when `evidence`
    does not hold and `OSError` when the file cannot be read.
    """
    size = os.fstat(descriptor).st_size
    if size < position.offset:
        raise FileRewritten(f"shrank from at least {position.offset} to {size} bytes")
    before = _verified_tail(descriptor, position, evidence)
    data = _read_lines(descriptor, position.offset, size, limit)
    open_end = False
    end = data.rfind(b"\n") + 1
    rest = data[end:]
    at_end = position.offset + len(data) >= size
    # Behind a line that was sent open, bytes without a newline would only prolong that line.
    if (
        rest
        and at_end
        and is_complete is not None
        and not (position.open_end and end == 0)
        and is_complete(rest)
    ):
        end, open_end = len(data), True
    if position.open_end and data and not data.startswith(b"\n"):
        raise FileRewritten("a line that was complete without its newline was continued")
    data = data[:end]
    if not data:
        return None
    newlines = data.count(b"\n")
    lines = newlines - position.open_end + open_end
    after = Position(position.lines + lines, position.offset + len(data), open_end)
    return Batch(
        data=data,
        first_line=position.lines + 1,
        lines=lines,
        position=after,
        evidence=_evidence(descriptor, before, data, evidence, after.offset),
    )


def gather_evidence(descriptor: int, offset: int) -> Evidence:
    """Evidence of what lies before `offset` now. Raises `OSError`."""
    head = _pread(descriptor, 0, min(HEAD, offset))
    tail = _pread(descriptor, max(0, offset - TAIL), min(TAIL, offset))
    return Evidence(len(head), digest(head), len(tail), digest(tail))


def ends_a_line(descriptor: int, position: Position) -> bool:
    """Whether a position taken from elsewhere can be true of this file. Raises `OSError`."""
    if position.offset == 0 or position.open_end:
        return os.fstat(descriptor).st_size >= position.offset
    return _pread(descriptor, position.offset - 1, 1) == b"\n"


def _verified_tail(descriptor: int, position: Position, evidence: Evidence) -> bytes:
    length = min(TAIL, position.offset)
    tail = _pread(descriptor, position.offset - length, length)
    if evidence.tail_length:
        known = tail[len(tail) - evidence.tail_length :]
        if len(tail) < evidence.tail_length or digest(known) != evidence.tail:
            raise FileRewritten("the bytes before the acknowledged position changed")
    if evidence.head_length:
        head = _pread(descriptor, 0, evidence.head_length)
        if digest(head) != evidence.head:
            raise FileRewritten("the beginning of the file changed")
    return tail


def _read_lines(descriptor: int, offset: int, size: int, limit: int) -> bytes:
    """At least one whole line if there is one, about `limit` bytes if there are more."""
    data = _pread(descriptor, offset, min(limit, size - offset))
    if b"\n" in data or offset + len(data) >= size:
        return data
    pieces = [data]
    at = offset + len(data)
    while at < size:
        piece = _pread(descriptor, at, min(limit, size - at))
        if not piece:
            break
        pieces.append(piece)
        at += len(piece)
        if b"\n" in piece:
            break
    return b"".join(pieces)


def _evidence(
    descriptor: int, before: bytes, data: bytes, evidence: Evidence, offset: int
) -> Evidence:
    tail = data[-TAIL:] if len(data) >= TAIL else (before + data)[-TAIL:]
    if evidence.head_length >= HEAD:
        head_length, head = evidence.head_length, evidence.head
    else:
        first = _pread(descriptor, 0, min(HEAD, offset))
        head_length, head = len(first), digest(first)
    return Evidence(head_length, head, len(tail), digest(tail))


def _pread(descriptor: int, offset: int, length: int) -> bytes:
    """Exactly `length` bytes unless the file ends before."""
    data = os.pread(descriptor, length, offset) if length > 0 else b""
    while len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data
