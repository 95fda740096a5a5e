"""Lines that make a careless masker slow, each kind by a function of its size in bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

from confab_sync.redaction.rules import RULES

Make = Callable[[int], bytes]

REPEATED = (
    ("prefixes of keys", "sk-ant-"),
    ("prefixes of AWS ids", "AKIA"),
    ("halves of a JWT", "eyJhbGciOiJ"),
    ("a JWT without end", "eyJ" + "a" * 50),
    ("the word password", "password"),
    ("password=", "password="),
    ("names without values", "password: "),
    ("names with names as values", "token=token;"),
    ("names and blanks", "password: " + " " * 1000),
    ("elements without end", "<password>" + "a" * 400),
    ("beginnings of PEM", "-----BEGIN "),
    ("PEM without end", "-----BEGIN PRIVATE KEY-----"),
    ("PEM without end, with lines", "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n-"),
    ("URLs without host", "https://a:"),
    ("colons", "://:::::@"),
    ("backslashes", "\\"),
    ("quotes", '"'),
    ("escaped letters", "\\u0041"),
    ("names with an escaped letter", "pass\\u0077ord="),
    ("brackets", '{"password":['),
    ("objects under names", '{"password":{"a":1,'),
    ("markers", "[REDACTED:API_KEY] password="),
    ("curl", "curl -u a "),
    ("dots", "a.b.c.d."),
    ("basic", "basic QWxh "),
)
"""Units that one string repeats."""


def hard_lines() -> Iterator[tuple[str, Make]]:
    """The name of each kind and how to make a line of it."""
    for name, unit in REPEATED:
        yield name, _repeated(unit)
    for rule in RULES:
        for keyword in rule.keywords:
            if len(keyword) >= 3:
                yield f"near {rule.type}: {keyword}", _nearly(keyword, rule.pattern)
    yield "every prefix, at random", _mixed
    yield "secrets, one after the other", _secrets
    yield "escapes in raw JSON", lambda size: b'{"t":"%b"}\n' % (b"\\u0041" * (size // 6))
    yield "JSON in JSON in JSON", _nested
    yield "names, nested as objects", _deep


def _repeated(unit: str) -> Make:
    def line(size: int) -> bytes:
        text = (unit * (size // len(unit) + 1))[:size]
        return json.dumps({"type": "user", "text": text}).encode() + b"\n"

    return line


def _nearly(keyword: str, pattern: str) -> Make:
    """What a rule looks for, broken off again and again by what no key has in it."""
    spelled = keyword.upper() if keyword.upper() in pattern else keyword
    made = random.Random(keyword)
    tail = "".join(made.choice("abcdefABCDEF0123456789") for _ in range(9))
    return _repeated(f"{spelled}{tail} é {spelled}{tail[:3]}")


def _mixed(size: int) -> bytes:
    made = random.Random(1)
    keywords = [keyword for rule in RULES for keyword in rule.keywords]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    parts, total = [], 0
    while total < size:
        parts.append(made.choice(keywords) + "".join(made.choices(letters, k=made.randrange(60))))
        total += len(parts[-1])
    return json.dumps({"type": "user", "text": " ".join(parts)}).encode() + b"\n"


def _secrets(size: int) -> bytes:
    made = random.Random(2)
    parts = (f"API_KEY={made.randbytes(8).hex()} " for _ in range(size // 25))
    return json.dumps({"type": "user", "text": "".join(parts)}).encode() + b"\n"


def _nested(size: int) -> bytes:
    text = json.dumps({"text": "password is a word", "more": "x" * (size // 20)})
    for _ in range(4):
        text = json.dumps({"inner": text, "and": "password"})
    return _repeated(text)(size)


def _deep(size: int) -> bytes:
    depth = size // len('{"password":}')
    return b'{"password":' * depth + b"1" + b"}" * depth + b"\n"
