"""A text as it reads with one, two, … layers of JSON escapes taken off.

JSON is nested inside strings of JSON, so the same secret may stand under any number of
escapes. Taking a layer off is a handful of `bytes.replace`, which work left to right and
therefore pair backslashes correctly; each escape becomes fillers and the character it
stands for, so that nothing moves and the way back to the original is a matter of counting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

BARRIER = b"\x00"
"""Stands for the quotes of a layer in the next one: nothing is matched across it."""

_BARRIER = re.compile(BARRIER)
_FILLER = b"\x01"
_BLOCK = 1024
_ASCII_ESCAPE = re.compile(rb"\\u00[0-7][0-9a-fA-F]")
_ESCAPED_LETTER = re.compile(
    rb"\\u00(?:2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])"
)
"""What names consist of; nothing that has a meaning of its own in JSON."""
_END_OF_NAME = re.compile(rb'"[ \t\r\n]*+[:,]')
_NAME_REACH = 128
"""Bytes before the end of a name in which an escape may stand that belongs to it."""
_OTHER_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")
_FEW = 8
_MANY = 32
"""Bytes to one backslash, below which each escape is looked for by itself."""
_OTHER = _FILLER * 5 + b"\xff"
_BACKSLASH, _QUOTE = b"\x02", b"\x03"
_HELD = bytes.maketrans(_BACKSLASH + _QUOTE, b'\\"')
_SIMPLE = (
    (b"\\n", b"\n"),
    (b"\\t", b"\t"),
    (b"\\r", b"\r"),
    (b"\\/", b"/"),
    (b"\\'", b"'"),
    (b"\\b", b" "),
    (b"\\f", b" "),
)
_ALL_ESCAPED = frozenset((b"", b'"', b"u", *(escape[1:] for escape, _ in _SIMPLE)))


class View:
    """One reading of a text: `data`, and where each part of it stands in the text.

    `depth` counts the layers that were taken off; at 0, `data` is the text itself.
    """

    __slots__ = ("_counts", "_filled", "_parent", "data", "depth")

    def __init__(self, data: bytes, parent: View | None = None, filled: bytes = b"") -> None:
        self.data = data
        self.depth: int = parent.depth + 1 if parent else 0
        self._parent = parent
        self._filled = filled
        self._counts: list[int] = []

    def unescaped(self) -> View:
        """The reading with one more layer taken off."""
        filled = _unescape(self.data)
        return View(filled.replace(_FILLER, b""), self, filled)

    def spelled_out(self) -> View | None:
        """The reading of the same depth without escapes in names: `pass\\u0077ord`.

        None when nothing is written like that.
        """
        if b"\\u00" not in self.data or not any(
            self.data.find(b"\\u00", max(0, end.start() - _NAME_REACH), end.start()) >= 0
            for end in _END_OF_NAME.finditer(self.data)
        ):
            return None
        paired = self.data.replace(b"\\\\", _BACKSLASH * 2)
        filled = _resolve(_ESCAPED_LETTER, paired)
        if filled == paired:
            return None
        filled = filled.replace(_BACKSLASH, b"\\")
        view = View(filled.replace(_FILLER, b""), self, filled)
        view.depth = self.depth
        return view

    def position(self, offset: int) -> int:
        """Where in the original text the byte before `offset` ends."""
        if self._parent is None:
            return offset
        if len(self.data) == len(self._filled):
            return self._parent.position(offset)
        return self._parent.position(self._end_of(offset))

    def barriers(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where barriers stand from `start` to `end`, and how many layers were off before each.

        The quotes of JSON itself are of layer 0, those of JSON in its strings of layer 1.
        """
        if self.data.find(BARRIER, start, end) < 0:
            return []
        found = _places(self.data, start, end)
        return list(zip(found, self._layers(start, end, len(found)), strict=True))

    def _layers(self, start: int, end: int, count: int) -> list[int]:
        """The layers of the `count` barriers from `start` to `end`."""
        if self._parent is None or self.depth == 1:
            return [0] * count
        same = len(self.data) == len(self._filled)
        low, high = (start, end) if same else (self._end_of(start), self._end_of(end))
        outer = self._parent.data
        quotes = [outer[place] != BARRIER[0] for place in _places(self._filled, low, high)]
        layers = iter(self._parent._layers(low, high, quotes.count(False)))
        return [self._parent.depth if quote else next(layers) for quote in quotes]

    def _end_of(self, count: int) -> int:
        """The shortest beginning of the filled text with `count` bytes that are no fillers."""
        if count <= 0:
            return 0
        block = self._block_with(count)
        low, high = block * _BLOCK, min((block + 1) * _BLOCK, len(self._filled))
        missing = count - (self._counts[block - 1] if block else 0)
        start = low
        while low < high:
            middle = (low + high) // 2
            if middle - start - self._filled.count(_FILLER, start, middle) < missing:
                low = middle + 1
            else:
                high = middle
        return low

    def _block_with(self, count: int) -> int:
        if not self._counts:
            self._count_blocks()
        low, high = 0, len(self._counts) - 1
        while low < high:
            middle = (low + high) // 2
            if self._counts[middle] < count:
                low = middle + 1
            else:
                high = middle
        return low

    def _count_blocks(self) -> None:
        total = 0
        for start in range(0, len(self._filled), _BLOCK):
            size = min(_BLOCK, len(self._filled) - start)
            total += size - self._filled.count(_FILLER, start, start + size)
            self._counts.append(total)


def _places(data: bytes, start: int, end: int) -> list[int]:
    return [found.start() for found in _BARRIER.finditer(data, start, end)]


def _unescape(data: bytes) -> bytes:
    """`data` of the same length with one layer of JSON escapes resolved."""
    if b"\\" not in data:
        return data.replace(b'"', BARRIER)
    escaped = _escaped(data)
    if b"" in escaped:
        data = data.replace(b"\\\\", _FILLER + _BACKSLASH)
    if b'"' in escaped:
        data = data.replace(b'\\"', _FILLER + _QUOTE)
    data = data.replace(b'"', BARRIER)
    if b"\\" not in data:
        return data.translate(_HELD)
    for escape, character in _SIMPLE:
        if escape[1:] in escaped:
            data = data.replace(escape, _FILLER + character)
    if b"u" in escaped:
        data = _resolve(_ASCII_ESCAPE, data)
        data = _OTHER_ESCAPE.sub(_OTHER, data)
    return data.translate(_HELD)


def _escaped(data: bytes) -> Collection[bytes]:
    """What stands behind backslashes, empty for another one; perhaps more than that.

    To look for each escape takes longer than to look behind each backslash, if these are few.
    """
    if data.count(b"\\") * _MANY > len(data):
        return _ALL_ESCAPED
    return {part[:1] for part in data.split(b"\\")}


def _resolve(escape: re.Pattern[bytes], data: bytes) -> bytes:
    """Most texts have one or two different ones, for which a replacement each is quickest."""
    for _ in range(_FEW):
        found = escape.search(data)
        if found is None:
            return data
        data = data.replace(found.group(), _resolved(found))
    return escape.sub(_resolved, data)


def _resolved(escape: re.Match[bytes]) -> bytes:
    code = int(escape.group()[2:], 16)
    return _FILLER * 5 + (bytes((code,)) if code > 3 else b" ")
