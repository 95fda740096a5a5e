"""BLAKE2b digests without OpenSSL, which `hashlib` loads with it: 3 MB of every daemon.

Imported by hooks whose user has patterns: a quarter of an interpreter's start for those.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover - interpreters other than CPython
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def blake2b_of(pieces: Iterable[bytes | memoryview], size: int) -> bytes:
    """The digest (RFC 7693) of `size` bytes of what `pieces` are together."""
    state = blake2b(digest_size=size)
    for piece in pieces:
        state.update(piece)
    return state.digest()
