"""How far a file is acknowledged, with the evidence that it is still the same file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 4096
"""Bytes at the beginning of a file that must stay what they were."""

TAIL = 65536
"""Bytes before the offset that must stay what they were (design, "Files", identity)."""


@dataclass(frozen=True, slots=True)
class Position:
    """What the backend has acknowledged of a file.

    `lines` counts them; `offset` is the byte just after the last one; `open_end` says that
    the last line was sent without its newline, complete as it was.
    """

    lines: int = 0
    offset: int = 0
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Digests of what lies before an offset: of the first bytes and of the last ones."""

    head_length: int = 0
    head: bytes = b""
    tail_length: int = 0
    tail: bytes = b""


START = Position()
NO_EVIDENCE = Evidence()


def digest(data: bytes | memoryview) -> bytes:
    """A short digest by which bytes are recognised again."""
    return digest_of([data])


def digest_of(pieces: Iterable[bytes | memoryview]) -> bytes:
    """The digest of bytes that are too many to be held at once."""
    from confab_sync.digests import blake2b_of  # who only asks how far a file is needs none

    return blake2b_of(pieces, 16)
