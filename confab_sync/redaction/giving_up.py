"""What is masked of a text that costs too much to be looked at closely."""

from __future__ import annotations

import re

from confab_sync.redaction.jsonvalue import is_json
from confab_sync.redaction.spans import Span, merged

TOO_COMPLEX = "TOO_COMPLEX"
"""The type of a text that was masked as a whole because looking at it cost too much."""

LONGEST_KEY = 64
_HARMLESS = re.compile(
    rb"user|assistant|system|summary|message|text|thinking|tool_use|tool_result"
    rb"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z"
)
"""Strings that keep a line usable when all others are masked."""
_STRING = re.compile(rb'"((?:[^"\\]++|\\.)*+)"([ \t\r\n]*+:)?+', re.DOTALL)


def everything(text: bytes) -> list[Span]:
    """All strings of JSON except short keys, or the whole of any other text."""
    if not is_json(text):
        return [Span(0, len(text.rstrip(b"\r")), TOO_COMPLEX)]
    return merged(
        (
            Span(*string.span(1), TOO_COMPLEX)
            for string in _STRING.finditer(text)
            if (string.group(2) is None and not _HARMLESS.fullmatch(string.group(1)))
            or len(string.group(1)) > LONGEST_KEY
        ),
        text,
    )
