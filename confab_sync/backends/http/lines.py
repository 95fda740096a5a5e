"""The lines of a chunk as JSON strings, the way the API wants them.

Every byte counts (design, "The copy"): a carriage return before the newline is part of its
line, blank lines are lines. Two things cannot pass and are counted: bytes that are not
UTF-8, and lines that no request has room for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.backends.http.texts import dumps

if TYPE_CHECKING:
    from confab_sync.store.values import Chunk

ENVELOPE = 256 * 1024
"""Bytes of a body kept for everything that is not a line: metadata has limits of its own."""

LONGEST_LINE = wire.CHUNK_BODY - ENVELOPE
"""Bytes of one line as a JSON string, alone in its request."""

TOO_LONG = "too long for the backend"
REFUSED = "refused by the backend"

_CONTROLS = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that `data` adds, each a JSON string in UTF-8, and how many are not exact."""

    data: bytes = field(repr=False)
    encoded: list[bytes] = field(repr=False)
    replaced: int = 0
    """Lines that a placeholder stands for."""
    repaired: int = 0
    """Lines that were not UTF-8."""


def encoded(chunk: Chunk) -> Lines:
    """The lines of `chunk`: encoded now, unless that was done in advance."""
    made = chunk.prepared
    if isinstance(made, Lines) and made.data is chunk.data:
        return made
    return encode(chunk)


def encode(chunk: Chunk, longest: int = LONGEST_LINE) -> Lines:
    """The lines that `chunk` adds; none for one that only closes the line before it."""
    lines, replaced, repaired = _split(chunk), 0, 0
    for number, raw in enumerate(lines):
        text, line = raw, b""
        if len(raw) <= longest:
            if not _is_utf8(raw):
                text = raw.decode("utf-8", "replace").encode()
                repaired += 1
            line = _quoted(text)
        if not line or len(line) > longest:
            line = placeholder(raw, TOO_LONG)
            replaced += 1
        lines[number] = line  # in its place, so that memory holds them once
    return Lines(chunk.data, lines, replaced, repaired)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _quoted(text: bytes) -> bytes:
    """The JSON string of `text`, as `encode_basestring` would have it.

    JSON has no raw control characters; then two replacements do, in half of the time.
    """
    if len(text.translate(None, _CONTROLS)) == len(text):
        return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return encode_basestring(text.decode()).encode()


def placeholder(raw: bytes, reason: str) -> bytes:
    """What stands for a line that cannot be sent, as a JSON string."""
    facts = {
        "type": "confab-placeholder",
        "reason": reason,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    return encode_basestring(dumps(facts).decode()).encode()


def _split(chunk: Chunk) -> list[bytes]:
    if not chunk.lines:
        return []
    pieces = chunk.data.split(b"\n")
    if not chunk.open_end:
        pieces.pop()  # what follows the last newline: nothing
    if len(pieces) > chunk.lines:
        pieces.pop(0)  # the chunk began with the newline of a line that was sent open
    return pieces
