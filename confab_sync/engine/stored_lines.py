"""Comparing the last lines that a backend says it has of a file with the file's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.engine import tail
from confab_sync.engine.position import TAIL
from confab_sync.store.values import Chunk

if TYPE_CHECKING:
    from confab_sync.engine.destination import Destination
    from confab_sync.engine.known import KnownFile
    from confab_sync.engine.position import Position
    from confab_sync.engine.reader import Reader

LONGEST = 256 * 1024
"""Bytes of the last line, if that is to be compared at all."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of a file; `first` is the number of the first one."""

    data: bytes
    first: int
    count: int


def are_there(reader: Reader, file: KnownFile, position: Position, to: Destination) -> bool | None:
    """Whether the lines before `position` that the backend is not known to have are there.

    Where more was known of `file`, the backend has lost something, and may have got something
    else since: then none is known. False when the last of them are others, None when it cannot
    be told, also because they are too many. Costs one request at most. Raises `OSError`.
    """
    own = file.position
    after = own.lines if own.lines < position.lines else 0
    here = last_lines(reader, position, after)
    if here is None:
        return None
    chunk = Chunk(
        file_name=file.name,
        file_type=file.kind,
        first_line=here.first,
        lines=here.count,
        data=here.data,
        source_end=position.offset,
        open_end=position.open_end,
    )
    same = to.backend.has_lines(to.session_id, chunk)
    return None if same and here.first > after + 1 else same


def last_lines(reader: Reader, position: Position, after: int) -> Lines | None:
    """Of the lines behind line `after` the last ones before `position`, of about `TAIL` bytes.

    None when there are none, when the last one is longer than `LONGEST`, and when no line ends
    there. Raises `OSError`.
    """
    for length in (TAIL, LONGEST):
        start = max(0, position.offset - length)
        data = reader.read(start, position.offset - start)
        if start > 0:
            data = data[data.find(b"\n") + 1 or len(data) :]
        if data:
            break
    if not data or data.endswith(b"\n") == position.open_end:
        return None
    count = data.count(b"\n") + position.open_end
    surplus = max(0, count - (position.lines - after))
    if surplus >= count:
        return None
    data = data[tail.end_of_line(data, surplus) :]
    return Lines(data, position.lines - count + surplus + 1, count - surplus)
