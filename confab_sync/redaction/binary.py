"""Masking in files that are no text, where every byte has to keep its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.redaction.spans import marker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.redaction.spans import Span

_LOOK = 8192
"""Bytes in which a NUL means that a file is binary; git has a rule of the same kind."""


def is_binary(data: bytes) -> bool:
    """Whether `data` is not text."""
    return b"\x00" in data[:_LOOK]


def moved(span: Span, distance: int) -> Span:
    """The span as many bytes further on."""
    return replace(span, start=span.start + distance, end=span.end + distance)


def overwritten(data: bytes, spans: Iterable[Span]) -> bytes:
    """`data` of the same length with each span overwritten by as much of its marker as fits."""
    result = bytearray(data)
    for span in spans:
        width = span.end - span.start
        result[span.start : span.end] = marker(span.type)[:width].ljust(width, b"*")
    return bytes(result)
