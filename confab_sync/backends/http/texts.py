"""Making texts fit for the API: no NUL, no half characters, no more bytes than it takes."""

from __future__ import annotations

import json
import math
from typing import Any

REPLACEMENT = "\ufffd"
"""Stands for what is not a character (Unicode §3.9)."""

DEEPEST = 100
"""Levels of nesting in a payload; what lies deeper is left out."""


def clean(text: str) -> str:
    """`text` without NULs, which the server's database cannot hold (contract §1.8), and with a
    replacement for each lone surrogate, which UTF-8 cannot express."""
    text = text.replace("\0", "")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clip(text: str, limit: int) -> str:
    """`text`, cleaned, cut to `limit` bytes of UTF-8 between two characters."""
    encoded = clean(text).encode()
    if len(encoded) <= limit:
        return encoded.decode()
    return encoded[:limit].decode("utf-8", "ignore")


def printable(text: str) -> str:
    """`text` on one line, without anything that could steer a terminal or forge a line of a log."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clean_value(value: object, depth: int = DEEPEST) -> Any:
    """Any JSON value with all its texts cleaned; what JSON cannot express becomes null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {clean(str(key)): clean_value(held, depth - 1) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_value(held, depth - 1) for held in value]
    return None


def dumps(value: object) -> bytes:
    """`value` as one compact JSON text in UTF-8 (contract §1.8: no NaN)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
