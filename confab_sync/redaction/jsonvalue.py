"""The scalars of one JSON value that stands somewhere in a text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

LONGEST_WALK = 2000
"""Tokens of a subtree that are looked at one by one; a longer one is one secret."""

_STRING = re.compile(rb'"((?:[^"\\\x00\n]++|\\[^\x00\n])*+)("?)')
_NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*+")
_TOKEN = re.compile(
    rb'"((?:[^"\\\x00\n]++|\\[^\x00\n])*+)"?+([ \t\r\n]*+:)?+|[\[{]|[\]}]|-?[0-9][0-9.eE+-]*+|\x00'
)
_OPENING = re.compile(
    rb"""(?x)
      \{ [\s]*+ (?: " (?: [^"\\\x00\n]++ | \\[^\x00\n] )*+ (?: " [\s]*+ : | \x00 | \Z ) | \Z )
      | \[ [\s]*+ (?: ["\[{\]0-9-] | \Z )
    """
)
"""How an object or a list begins, unlike a block of code."""
_JSON = json.JSONDecoder(parse_int=float, parse_constant=float)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string without its quotes, a number, or a whole subtree that was not walked."""

    start: int
    end: int
    kind: str
    """`string`, `number` or `subtree`."""


def scalars(data: bytes, start: int) -> tuple[list[Scalar], int]:
    """The strings and numbers in the value at `start`, and where the value ends.

    Keys are not among them. A value that is cut off ends with the text or at a barrier
    (see `views`).
    """
    first = data[start : start + 1]
    if first == b'"':
        string = _STRING.match(data, start)
        assert string is not None  # noqa: S101
        return [Scalar(string.start(1), string.end(1), "string")], string.end()
    if first in (b"{", b"["):
        opening = _OPENING.match(data, start)
        return _subtree(data, start) if opening else ([], start + 1)
    number = _NUMBER.match(data, start)
    if number is None:
        return [], start
    return [Scalar(start, number.end(), "number")], number.end()


def _subtree(data: bytes, start: int) -> tuple[list[Scalar], int]:
    found: list[Scalar] = []
    depth = 0
    end = start
    for walked, token in enumerate(_TOKEN.finditer(data, start)):
        if walked >= LONGEST_WALK:
            end = _end_of_value(data, start)
            return [Scalar(start, end, "subtree")], end
        first = data[token.start() : token.start() + 1]
        if first == b"\x00":
            return found, token.start()
        end = token.end()
        if first in b"[{":
            depth += 1
        elif first in b"]}":
            depth -= 1
            if depth == 0:
                return found, end
        elif first == b'"':
            if token.group(2) is None:
                found.append(Scalar(token.start(1), token.end(1), "string"))
        else:
            found.append(Scalar(token.start(), end, "number"))
    return found, end


def _end_of_value(data: bytes, start: int) -> int:
    """Where a long value ends: by the standard parser, or at a barrier, or with the text."""
    barrier = data.find(b"\x00", start)
    limit = len(data) if barrier < 0 else barrier
    try:
        return start + _JSON.raw_decode(data[start:limit].decode("latin-1"))[1]
    except (ValueError, RecursionError):
        return limit


def is_json(data: bytes) -> bool:
    """Whether `data` is one JSON value, whatever its encoding, its numbers and its duplicates."""
    text = data.removeprefix(BYTE_ORDER_MARK).decode("latin-1")
    try:
        json.loads(text, parse_int=float, object_pairs_hook=_forget)
    except (ValueError, RecursionError):
        return False
    return True


def _forget(pairs: list[tuple[str, Any]]) -> None:
    """Values are not needed, so none are kept."""


def keys(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Each key of JSON in `data`, with the place where its value begins."""
    for key in _KEY.finditer(data):
        yield key.group(1), key.end()


_KEY = re.compile(rb'"((?:[^"\\\x00\n]++|\\[^\x00\n])*+)"[ \t\r\n]*+:[ \t\r\n]*+(?=["\[{0-9-])')
