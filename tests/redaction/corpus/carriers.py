"""The ways in which a text gets into a line of a transcript."""

from __future__ import annotations

import json
from collections.abc import Callable


def _row(text: object) -> str:
    return json.dumps({"type": "user", "n": 12345678901234567890, "text": text, "z": [1.50, None]})


def _escaped(text: str) -> str:
    return '{"type":"user","text":"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"}'


CARRIERS: dict[str, Callable[[str], str]] = {
    "a string": _row,
    "a string without escapes of its own": lambda text: json.dumps(
        {"text": text}, ensure_ascii=False, separators=(",", ":")
    ),
    "a key": lambda text: json.dumps({text: 1}),
    "a list deep down": lambda text: _row([[{"a": [{"b": text}]}]]),
    "JSON in a string": lambda text: _row(json.dumps({"inner": text})),
    "JSON in a string in a string": lambda text: _row(json.dumps({"x": json.dumps({"y": text})})),
    "JSON amid prose": lambda text: _row(f"it said: {json.dumps({'inner': text})} and stopped"),
    "several lines": lambda text: _row(f"first\n{text}\nlast"),
    "behind an escaped quote": lambda text: _row(f'"quoted" {text}'),
    "behind a tab and a path": lambda text: _row(f"C:\\new\\tmp\t{text}"),
    "behind umlauts": lambda text: _row(f"süß 東京 {text}"),
    "all escaped": _escaped,
    "a byte order mark": lambda text: "\ufeff" + _row(text),
    "a torn line": lambda text: _row(text)[:-12],
    "a line that lost its beginning": lambda text: _row(text)[9:],
    "plain text": lambda text: text,
}
