"""Keeps the outlines of the transcripts that were looked at last, and lets them grow."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.claude.outline import Outline
from confab_sync.server.transcript.lines import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from confab_sync.server.pool import StorePool
    from confab_sync.store.files import FileRow
    from confab_sync.store.store import Store

MOST = 32
AT_ONCE = 4 * 1024 * 1024
"""Bytes that are read before others have their turn at the store."""


@dataclass(slots=True)
class _Growing:
    """An outline and the bytes that are in it, which end with a line.

    Unless that `is_cut`: the beginning of a line that is too long was passed over, and so will
    be the rest of it.
    """

    outline: Outline = field(default_factory=Outline)
    bytes: int = 0
    is_cut: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Outlines:
    """Reads each transcript once, and then only what was added to it."""

    def __init__(self, pool: StorePool, most: int = MOST) -> None:
        self._pool = pool
        self._most = most
        self._kept: OrderedDict[tuple[str, int, int], _Growing] = OrderedDict()

    def missing(self, session_id: str, file: FileRow) -> int:
        """The bytes that have to be read before the outline of a file is whole."""
        kept = self._kept.get(_key(session_id, file))
        return file.bytes - kept.bytes if kept else file.bytes

    @asynccontextmanager
    async def of(self, user: int, session_id: str, file: FileRow) -> AsyncIterator[Outline]:
        """The outline of what the file has now; it does not change until the block ends.

        Raises as `StorePool.run` does.
        """
        key = _key(session_id, file)
        growing = self._kept.setdefault(key, _Growing())
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        async with growing.lock:
            while growing.bytes < file.bytes:
                grown = await self._pool.run(partial(_grow, user, file, growing))
                if not grown:  # a last line without its end
                    break
            yield growing.outline


def _key(session_id: str, file: FileRow) -> tuple[str, int, int]:
    # The numbers of deleted rows are given to new ones; a session's id never is.
    return session_id, file.id, file.position.generation


def _grow(user: int, file: FileRow, growing: _Growing, store: Store) -> int:
    """Take in whole lines of the next bytes; how many bytes these were."""
    sessions = store.sessions_of(user)
    data, end = bytearray(), growing.bytes
    while end < file.bytes:
        piece = sessions.piece(file, end)
        data += piece
        end += len(piece)
        if (len(data) >= AT_ONCE and b"\n" in piece) or len(data) > LONGEST_LINE:
            break
    whole = data.rfind(b"\n") + 1
    if whole:
        lines = bytes(data[: whole - 1]).split(b"\n")
        if growing.is_cut:
            lines[0] = b""
        growing.outline.add(lines)
        growing.is_cut = False
    elif len(data) > LONGEST_LINE:
        whole, growing.is_cut = len(data), True
    growing.bytes += whole
    return whole
