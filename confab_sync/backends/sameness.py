"""Whether lines that a backend has are the ones that are here, as far as that can be told.

Nothing may be called another line for the way in which it was sent: masked by other rules,
mended where it was not UTF-8, replaced by a placeholder, or written anew as JSON, as the Go
client of the API does with masking on (contract §4.5).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from confab_sync.redaction.discretion import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.store.values import Chunk

MOST = 512 * 1024
"""Bytes that are read of what a backend has: more than `tail.LONGEST` becomes by masking."""

_PLACEHOLDER = b'{"type":"confab-placeholder"'
_UNCERTAIN = (REDACTED.encode(), "\ufffd".encode())
"""What stands for something else, which may have been done otherwise at another time."""


def are_there(chunk: Chunk, pieces: Iterable[bytes]) -> bool | None:
    """Whether the lines of `chunk` are those that `pieces`, read from its first line on, hold.

    None when that cannot be told. `pieces` may go on behind them, and may end too early.
    """
    here = chunk.data.split(b"\n")[: chunk.lines]
    there, rest = _lines(pieces, len(here))
    said = [same(*each) for each in zip(here, there, strict=False)]
    if len(there) < len(here):
        # The API keeps the last newline back, and blank lines before it (contract §2.9).
        said.append(True if rest == here[len(there)] and len(there) + 1 == len(here) else None)
    return False if False in said else None if None in said else True


def same(here: bytes, there: bytes) -> bool | None:
    """Whether a line of a backend is the one that is here; None when that cannot be told."""
    if here == there:
        return True
    mended = here.decode("utf-8", "replace").encode()
    if mended == there or mended.removesuffix(b"\r") == there:
        return True
    if there.startswith(_PLACEHOLDER) or any(mark in mended + there for mark in _UNCERTAIN):
        return None
    known, unknown = _value(mended), _value(there)
    if unknown is None and there and mended.startswith(there):
        return None  # the Go client sends a last line before it is whole
    return known is not None and known == unknown


def _lines(pieces: Iterable[bytes], wanted: int) -> tuple[list[bytes], bytes]:
    """The first lines that have a newline, as many as are wanted, and what follows them."""
    data = b""
    for piece in pieces:
        data += piece
        if data.count(b"\n") >= wanted or len(data) > MOST:
            break
    found = data.split(b"\n", wanted)
    return found[:-1], found[-1]


def _value(line: bytes) -> tuple[object] | None:
    """What a line says as JSON, its numbers as Go keeps them; None when it is no JSON."""
    try:
        return (json.loads(line, parse_int=float),)
    except (ValueError, RecursionError):
        return None
