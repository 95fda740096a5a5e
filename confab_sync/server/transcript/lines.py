"""Reads some lines of a stored file, and no more of it than the rows they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.store.files import FileRow
    from confab_sync.store.user_sessions import UserSessions

LONGEST_LINE = 24 * 1024 * 1024
"""A line with more bytes is not taken apart; it can be downloaded."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its newline; `data` is `None` when it is too long, `size` in bytes."""

    number: int
    data: bytes | None
    size: int


def read_lines(sessions: UserSessions, file: FileRow, first: int, last: int) -> Iterator[Line]:
    """The lines from `first` to `last` (1-based) that the file has."""
    position = sessions.start_of_line(file, first)
    number, size = first, 0
    rest: list[bytes] | None = []
    while position < file.bytes and number <= last:
        piece = sessions.piece(file, position)
        position += len(piece)
        *whole, tail = piece.split(b"\n")
        for part in whole:
            yield _line(number, rest, part, size + len(part))
            number, size, rest = number + 1, 0, []
            if number > last:
                return
        size += len(tail)
        if rest is not None and size <= LONGEST_LINE:
            rest.append(tail)
        else:
            rest = None
    if size and number <= last:
        yield _line(number, rest, b"", size)


def _line(number: int, parts: list[bytes] | None, last: bytes, size: int) -> Line:
    if parts is None or size > LONGEST_LINE:
        return Line(number, None, size)
    return Line(number, b"".join([*parts, last]), size)
