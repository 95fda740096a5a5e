"""The pictures in a line of a transcript, as far as a browser may be asked to show them."""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confab_sync import quickjson
from confab_sync.claude.conversation import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 8 * 1024 * 1024
"""Bytes of a picture; a larger one is only named."""

MOST_PIXELS = 40_000_000
"""A small file can hold a picture that takes all of a browser's memory."""

_HEAD = 96 * 1024
"""Characters of base64 in which a picture's width and height are looked for."""

_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown: its kind, told by its bytes, and its size in pixels."""

    media_type: str
    width: int
    height: int


def pictures(line: bytes) -> list[Picture | None]:
    """What may be shown of each attachment in a line, in the order of the blocks.

    `None` stands for what may not: documents, pictures by their address, of other kinds than
    png, jpeg, gif and webp, too large ones, and what is not what it says.
    """
    return [_picture(source) for source in _sources(line)]


def picture_data(line: bytes, number: int) -> tuple[Picture, bytes] | None:
    """The attachment `number` (0-based) of a line with its bytes, if it may be shown."""
    for place, source in enumerate(_sources(line)):
        if place == number:
            found = _picture(source)
            if found is None:
                return None
            try:
                return found, b64decode(str(source["data"]))
            except (ValueError, binascii.Error):
                return None
    return None


def _sources(line: bytes) -> Iterator[dict[str, Any]]:
    try:
        row = quickjson.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return
    message = row.get("message") if isinstance(row, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_result":
            yield from sources(block.get("content"))
        else:
            yield from sources([block])


def _picture(source: dict[str, Any]) -> Picture | None:
    data = source.get("data")
    if source.get("type") != "base64" or not isinstance(data, str) or len(data) * 3 > 4 * LARGEST:
        return None
    head = data[: _HEAD - _HEAD % 4]
    try:
        found = _measured(b64decode(head))
    except (ValueError, binascii.Error, struct.error, IndexError):
        return None
    if found is None or not 0 < found.width * found.height <= MOST_PIXELS:
        return None
    return found


def _measured(head: bytes) -> Picture | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("image/png", *struct.unpack(">II", head[16:24]))
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Picture("image/gif", *struct.unpack("<HH", head[6:10]))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(head)
    return None


def _webp(head: bytes) -> Picture | None:
    """The size in the first chunk (RFC 9649 §2.5 to §2.7)."""
    kind = head[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
        return Picture("image/webp", width, height)
    return None


def _jpeg(head: bytes) -> Picture | None:
    """The size in the first start of frame (ITU-T T.81, B.2.2)."""
    position = 2
    while head[position] == 0xFF:
        marker = head[position + 1]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", head[position + 5 : position + 9])
            return Picture("image/jpeg", width, height)
        if marker == 0xFF or 0xD0 <= marker <= 0xD9:
            position += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", head[position + 2 : position + 4])
        position += 2 + length
    return None
