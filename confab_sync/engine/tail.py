"""Reading what a growing file has to offer beyond a position.

Bytes are the unit of truth: a line counts at its newline, whatever is in it, and nothing
is decoded. Every read begins with the evidence that the part already acknowledged is
still what it was, so a rewritten file is noticed even when it has grown past its old
size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.engine.known import Acknowledged
from confab_sync.engine.position import HEAD, TAIL, Evidence, Position, digest, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.engine.reader import Reader

BATCH = 1024 * 1024
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


def read_batch(
    reader: Reader,
    position: Position,
    evidence: Evidence,
    *,
    is_complete: Callable[[bytes], bool] | None = None,
    limit: int = BATCH,
) -> Batch | None:
    """The next batch of complete lines after `position`; None when there is none yet.

    With `is_complete`, an unterminated last line is taken too if that function finds it
    whole: only right once nobody writes any more. `limit` is what a batch aims at, in bytes.
    Raises `FileRewritten` when `evidence` does not hold and `OSError` when the file cannot be
    read.
    """
    size = reader.size()
    if size < position.offset:
        raise FileRewritten(f"shrank from at least {position.offset} to {size} bytes")
    before = _verified_tail(reader, position, evidence)
    data = _read_lines(reader, position.offset, size, limit)
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
        evidence=_evidence(before, data, evidence),
    )


def gather_evidence(reader: Reader, offset: int) -> Evidence:
    """Evidence of what lies before `offset` (bytes) now. Raises `OSError`."""
    head = reader.read(0, min(HEAD, offset))
    tail = reader.read(max(0, offset - TAIL), min(TAIL, offset))
    return Evidence(len(head), digest(head), len(tail), digest(tail))


def position_of(reader: Reader, lines: int) -> Position | None:
    """Where line `lines` of the file ends, for a backend that counts lines only.

    A last line without its newline counts as one that was sent like that. None when the file
    has fewer lines. Raises `OSError`.
    """
    missing, at = lines, 0
    while missing > 0:
        piece = reader.read(at, BATCH)
        if not piece:
            break
        newlines = piece.count(b"\n")
        if newlines >= missing:
            return Position(lines, at + end_of_line(piece, missing))
        missing -= newlines
        at += len(piece)
        last = piece[-1:]
    if missing == 0:
        return Position(lines, at)
    return Position(lines, at, open_end=True) if missing == 1 and at and last != b"\n" else None


def vouch(reader: Reader, position: Position, spans: Iterable[Acknowledged]) -> Acknowledged | None:
    """A span of all that lies before a position that came without evidence.

    None when the position cannot be true of this file. All of the file up to there is read:
    it must have as many lines, end the last of them as the position says, and have `spans`,
    as far as they reach, unchanged. Raises `OSError`.
    """
    newlines, last = 0, b"\n"

    def counted() -> Iterator[bytes]:
        nonlocal newlines, last
        for piece in _pieces(reader, 0, position.offset):
            newlines += piece.count(b"\n")
            last = piece[-1:]
            yield piece

    whole = Acknowledged(0, position.offset, digest_of(counted()))
    if reader.size() < position.offset or newlines != position.lines - position.open_end:
        return None
    if (last == b"\n") == position.open_end:
        return None
    reached = (span for span in spans if span.stop <= position.offset)
    return whole if unchanged(reader, reached) else None


def reach(spans: Iterable[Acknowledged]) -> int:
    """How far, in bytes from the beginning, `spans` cover a file without a gap."""
    at = 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start > at:
            break
        at = max(at, span.stop)
    return at


def unchanged(reader: Reader, spans: Iterable[Acknowledged]) -> bool:
    """Whether the bytes of all `spans` are what they were. Raises `OSError`."""
    return all(digest_of(_pieces(reader, span.start, span.stop)) == span.digest for span in spans)


def _pieces(reader: Reader, start: int, stop: int) -> Iterator[bytes]:
    while start < stop:
        piece = reader.read(start, min(BATCH, stop - start))
        if not piece:
            return
        yield piece
        start += len(piece)


def _verified_tail(reader: Reader, position: Position, evidence: Evidence) -> bytes:
    length = min(TAIL, position.offset)
    tail = reader.read(position.offset - length, length)
    if evidence.tail_length:
        known = tail[len(tail) - evidence.tail_length :]
        if len(tail) < evidence.tail_length or digest(known) != evidence.tail:
            raise FileRewritten("the bytes before the acknowledged position changed")
    # A tail that reaches the beginning has shown the head as well.
    if evidence.head_length and evidence.tail_length < position.offset:
        head = reader.read(0, evidence.head_length)
        if digest(head) != evidence.head:
            raise FileRewritten("the beginning of the file changed")
    return tail


def end_of_line(data: bytes, number: int) -> int:
    """The offset just after the `number`th newline of `data`, which has as many."""
    end = 0
    for _ in range(number):
        end = data.index(b"\n", end) + 1
    return end


def _read_lines(reader: Reader, offset: int, size: int, limit: int) -> bytes:
    """At least one whole line if there is one, about `limit` bytes if there are more."""
    pieces = [reader.read(offset, min(limit, size - offset))]
    at = offset + len(pieces[0])
    while pieces[-1] and b"\n" not in pieces[-1] and at < size:
        pieces.append(reader.read(at, min(limit, size - at)))
        at += len(pieces[-1])
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _evidence(before: bytes, data: bytes, evidence: Evidence) -> Evidence:
    """What shows at the next reading that everything up to the end of `data` is what it was.

    Made of what was read, not of what the file holds by now. `before` is the tail of the
    acknowledged part, or all of it while it is shorter than that.
    """
    tail = data[-TAIL:] if len(data) >= TAIL else (before + data)[-TAIL:]
    if evidence.head_length >= HEAD:
        head_length, head = evidence.head_length, evidence.head
    else:
        first = (before[:HEAD] + data[:HEAD])[:HEAD]
        head_length, head = len(first), digest(first)
    return Evidence(head_length, head, len(tail), digest(tail))
