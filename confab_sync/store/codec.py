"""How bytes are kept in the store: one zstd frame and a digest of what it holds."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import zstandard

from confab_sync.digests import blake2b_of

_LEVEL = 3
_DIGEST_BYTES = 32


class NotAsWritten(Exception):
    """What was unpacked is not what was packed; the message says how."""


def pack(raw: bytes) -> bytes:
    """`raw`, compressed."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(raw)


def digest(raw: bytes) -> bytes:
    """The BLAKE2b digest (32 bytes) that is kept beside `raw`."""
    return blake2b_of([raw], _DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes `raw` as they are kept: `data`, and the digest beside it."""

    raw: bytes = field(repr=False)
    digest: bytes
    data: bytes = field(repr=False)

    @classmethod
    def of(cls, raw: bytes) -> Packed:
        """Pack `raw`."""
        return cls(raw, digest(raw), pack(raw))


class Packer:
    """Packs one block after the other with the same tables, whichever thread asks.

    New tables for each, which is what `Packed.of` takes, cost half of the time of packing.
    """

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._turn = threading.Lock()

    def packed(self, raw: bytes) -> Packed:
        """`raw` as it is kept."""
        with self._turn:
            data = self._compressor.compress(raw)
        return Packed(raw, digest(raw), data)


def unpack(packed: bytes, size: int, expected: bytes) -> bytes:
    """The `size` bytes that `packed` holds, checked against their `expected` digest.

    Raises `NotAsWritten` when they are not what was packed.
    """
    try:
        # Asked before unpacking: a damaged frame may announce more than fits into memory.
        announced = zstandard.frame_content_size(packed)
        if announced != size:
            raise NotAsWritten(f"holds {announced} bytes instead of {size}")
        raw = zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError as error:
        raise NotAsWritten("cannot be decompressed") from error
    if digest(raw) != expected:
        raise NotAsWritten("has another digest than when it was written")
    return raw
