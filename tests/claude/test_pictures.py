"""Pictures are shown by what their bytes are, and only if a browser can bear them."""

from __future__ import annotations

import json
import struct
from base64 import b64encode

import pytest

from confab_sync.claude.pictures import LARGEST, Picture, picture_data, pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 3, 4) + b"\0" * 10
WEBP_LOSSY = b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 5 | 0x4000, 6)
WEBP_LOSSLESS = (
    b"RIFF\0\0\0\0WEBPVP8L" + b"\0\0\0\0\x2f" + struct.pack("<I", 6 | 7 << 14) + b"\0" * 9
)
WEBP_EXTENDED = b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x08\0\0\x09\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08" + struct.pack(">HH", 20, 10) + b"\0" * 9


def image(
    data: bytes | str, media_type: str = "image/png", kind: str = "base64"
) -> dict[str, object]:
    text = data if isinstance(data, str) else b64encode(data).decode()
    return {"type": "image", "source": {"type": kind, "media_type": media_type, "data": text}}


def line(*content: object) -> bytes:
    return json.dumps({"type": "user", "message": {"role": "user", "content": content}}).encode()


@pytest.mark.parametrize(
    ("data", "picture"),
    [
        (PNG, Picture("image/png", 640, 480)),
        (GIF, Picture("image/gif", 3, 4)),
        (WEBP_LOSSY, Picture("image/webp", 5, 6)),
        (WEBP_LOSSLESS, Picture("image/webp", 7, 8)),
        (WEBP_EXTENDED, Picture("image/webp", 9, 10)),
        (JPEG, Picture("image/jpeg", 10, 20)),
    ],
)
def test_kind_and_size_are_told_by_the_bytes(data: bytes, picture: Picture) -> None:
    row = line(image(data, "image/svg+xml"))
    assert pictures(row) == [picture]
    assert picture_data(row, 0) == (picture, data)


@pytest.mark.parametrize(
    "block",
    [
        image(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        image(b"<html>", "image/png"),
        image(PNG, kind="url"),
        image("not base64!!"),
        image("é"),
        image(""),
        image(PNG[:18]),
        image(JPEG[:12]),
        image(PNG[:16] + struct.pack(">II", 60_000, 60_000)),
        image(PNG[:16] + struct.pack(">II", 0, 4)),
        image(PNG + b"\0" * LARGEST),
        {"type": "image", "source": {"type": "url", "url": "https://evil.example/x.png"}},
        {"type": "document", "source": {"type": "base64", "data": b64encode(b"%PDF").decode()}},
    ],
)
def test_what_is_not_shown_is_named_only(block: dict[str, object]) -> None:
    row = line(block, image(GIF))
    assert pictures(row) == [None, Picture("image/gif", 3, 4)]
    assert picture_data(row, 0) is None
    assert picture_data(row, 1) is not None


def test_pictures_in_results_are_counted_in_the_order_of_the_blocks() -> None:
    row = line(
        {"type": "tool_result", "content": [{"type": "text", "text": "x"}, image(PNG)]},
        {"type": "tool_result", "content": "none"},
        image(GIF),
    )
    assert [each and each.media_type for each in pictures(row)] == ["image/png", "image/gif"]
    assert picture_data(row, 2) is None


@pytest.mark.parametrize(
    "row", [b"", b"torn {", b"[]", b'{"message": 1}', b'{"message": {"content": 1}}']
)
def test_line_without_pictures_has_none(row: bytes) -> None:
    assert pictures(row) == []
    assert picture_data(row, 0) is None
