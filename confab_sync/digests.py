"""BLAKE2b digests without OpenSSL, which `hashlib` loads with it: 3 MB of every daemon."""

from __future__ import annotations

from _blake2 import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def blake2b_of(pieces: Iterable[bytes | memoryview], size: int) -> bytes:
    """The digest (RFC 7693) of `size` bytes of what `pieces` are together."""
    state = blake2b(digest_size=size)
    for piece in pieces:
        state.update(piece)
    return state.digest()
