"""JSON in which any character of a string may be written as an escape."""

from __future__ import annotations

import json
import random
from typing import Any

SHARE = 0.3


def spelled(value: Any, made: random.Random, share: float = SHARE) -> str:
    """The value as JSON, with that share of all characters written as escapes."""
    if isinstance(value, dict):
        pairs = (f"{spelled(k, made, share)}: {spelled(v, made, share)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(spelled(each, made, share) for each in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    return '"' + "".join(_spelled(each, made, share) for each in value) + '"'


def _spelled(character: str, made: random.Random, share: float) -> str:
    if made.random() < share:
        return f"\\u{ord(character):04x}"
    return json.dumps(character, ensure_ascii=False)[1:-1]
