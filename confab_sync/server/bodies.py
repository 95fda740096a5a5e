"""Reads the bodies of requests without ever holding more than they may have."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import zstandard
from starlette.requests import ClientDisconnect

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server.answers import refusal, storage_unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

DEADLINE = 30.0
"""Seconds in which a body has to be here (contract §1.1)."""

BUDGET = 256 * 1024 * 1024
"""Bytes that all bodies together may take while they are read and worked on."""

_OVERRUN = 256 * 1024
_STEP = 512
_MAX_WINDOW = 128 * 1024 * 1024


class Bodies:
    """All bodies that are in memory now."""

    def __init__(self, budget: int = BUDGET, deadline: float = DEADLINE) -> None:
        self._left = budget
        self._deadline = deadline

    @asynccontextmanager
    async def of(self, request: Request, limit: int, complaint: str) -> AsyncIterator[bytes]:
        """The body as it came, which counts as held while the block lasts.

        More than `limit` bytes, or a body that breaks off, is refused with 400 and `complaint`
        (contract §1.4); one that takes too long with 408.
        """
        taken: list[int] = []
        try:
            yield await self._read(request, limit, complaint, taken)
        finally:
            self._left += sum(taken)

    async def _read(self, request: Request, limit: int, complaint: str, taken: list[int]) -> bytes:
        pieces: list[bytes] = []
        length = 0
        try:
            async with asyncio.timeout(self._deadline):
                async for piece in request.stream():
                    length += len(piece)
                    if length > limit + _OVERRUN:
                        break
                    if length > limit:  # the client reads the answer once it has written all
                        pieces.clear()
                        continue
                    self._hold(len(piece), taken)
                    pieces.append(piece)
        except TimeoutError:
            raise RequestRefused(408, "Request Timeout", {"Connection": "close"}) from None
        except ClientDisconnect:
            raise refusal(400, complaint) from None
        if length > limit:
            raise RequestRefused(400, {"error": complaint}, {"Connection": "close"})
        return b"".join(pieces)

    def _hold(self, size: int, taken: list[int]) -> None:
        if size > self._left:
            raise storage_unavailable()
        self._left -= size
        taken.append(size)


def is_compressed(request: Request) -> bool:
    """Whether the body is zstd; another encoding is 415 (contract §1.4)."""
    encoding = request.headers.get("content-encoding", "")
    if not encoding:
        return False
    if encoding.lower() == wire.ZSTD:
        return True
    raise refusal(415, wire.UNSUPPORTED_ENCODING.format(value=encoding))


def longest_compressed(limit: int) -> int:
    """The bytes that zstd makes of `limit` bytes at worst, with room for frame headers."""
    return limit + limit // 128 + 4096


def decompressed(data: bytes, limit: int, complaint: str) -> bytes:
    """What the zstd frames in `data` hold; refused when that is more than `limit` bytes.

    Damaged, incomplete and foreign streams are refused with the same `complaint`.
    """
    found = bytearray()
    rest = data
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    try:
        while rest:
            frame = decompressor.decompressobj()
            position = 0
            while not frame.eof and position < len(rest):
                # A few bytes at a time: four of them may stand for 128 KiB.
                found += frame.decompress(rest[position : position + _STEP])
                position += _STEP
                if len(found) > limit:
                    raise refusal(400, complaint)
            if not frame.eof:
                raise refusal(400, complaint)
            rest = frame.unused_data + rest[position:]
    except zstandard.ZstdError:
        raise refusal(400, complaint) from None
    return bytes(found)
