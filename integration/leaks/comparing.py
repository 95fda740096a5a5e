"""Whether a copy is the file but for what was masked in it, without any of confab's code."""

from __future__ import annotations

import json
import re

MARKER = re.compile(rb"\[REDACTED:[A-Z][A-Z0-9_]*\]")
QUOTED_MARKER = re.compile(rb'(?:\\*")?' + MARKER.pattern + rb'(?:\\*")?')
"""A number gets quotes with its marker, or the line would be no JSON any more."""


def difference(local: bytes, copy: bytes, kept: tuple[str, ...] = ()) -> str:
    """In which line the copy is not the file with markers in place of something; empty if it is.

    `kept` are texts of the file that masking must leave alone wherever they stand.
    """
    ours, theirs = local.split(b"\n"), copy.split(b"\n")
    if len(ours) != len(theirs):
        return f"{len(theirs)} lines instead of {len(ours)}"
    for number, (line, copied) in enumerate(zip(ours, theirs, strict=True), 1):
        if not is_masked(line, copied):
            return f"line {number} is another one: {copied[:300]!r}"
        if is_json(line) and not is_json(copied):
            return f"line {number} is no JSON any more: {copied[:300]!r}"
        for text in kept:
            if line.count(text.encode()) != copied.count(text.encode()):
                return f"line {number} has lost {text!r}: {copied[:300]!r}"
    return ""


def is_masked(line: bytes, copied: bytes) -> bool:
    """Whether the pieces between the markers stand in the line, in this order, end to end."""
    if b"[REDACTED:" not in copied:
        return line == copied
    return any(_is_made_of(line, marker.split(copied)) for marker in (MARKER, QUOTED_MARKER))


def _is_made_of(line: bytes, pieces: list[bytes]) -> bool:
    first, *middle, last = pieces
    if not line.startswith(first) or not line.endswith(last):
        return False
    at, end = len(first), len(line) - len(last)
    for piece in middle:
        found = line.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return at <= end


def is_json(line: bytes) -> bool:
    """Whether the line is a JSON document."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
