"""JSON for processes that live for milliseconds.

`import json` costs a hook more than half of an interpreter start, because its decoder
is built on `re`. The C scanner underneath needs neither; where an interpreter has none,
the standard module does the work.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

try:
    from _json import encode_basestring_ascii as _quote
    from _json import make_scanner

    _make_scanner: Any = make_scanner
except ImportError:  # pragma: no cover - interpreters without the C accelerator
    _make_scanner = None
    from json.encoder import encode_basestring_ascii as _quote

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that are read; a larger one holds nothing of ours."""

WHITESPACE = " \t\n\r"


class _Rules:
    """What the C scanner asks of the decoder that owns it."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    array_hook = None  # asked for from Python 3.15 on
    parse_float = float
    parse_int = int
    memo: dict[str, str]

    def __init__(self) -> None:
        self.memo = {}

    @staticmethod
    def parse_constant(name: str) -> float:
        """Refuse NaN and the infinities, which are not JSON (RFC 8259 §6)."""
        raise ValueError(f"{name} is not JSON")


def loads(text: str) -> Any:
    """The value of one JSON document. Raises `ValueError` when `text` is not exactly that."""
    start = len(text) - len(text.lstrip(WHITESPACE))
    if _make_scanner is None:  # pragma: no cover
        import json

        return json.loads(text, parse_constant=_Rules.parse_constant)
    scan: Callable[[str, int], tuple[Any, int]] = _make_scanner(_Rules())
    try:
        value, end = scan(text, start)
    except (StopIteration, RecursionError, SystemError) as error:
        # SystemError: the C scanner cannot raise its own error before `json` was imported.
        raise ValueError("not a JSON document") from error
    if text[end:].strip(WHITESPACE):
        raise ValueError("data after the JSON document")
    return value


def read_object(path: str) -> dict[str, Any]:
    """The object in the file at `path`, links followed; empty where there is none to be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        content = os.read(descriptor, LARGEST)
        value = loads(content.decode("utf-8").removeprefix("\ufeff"))
    except (OSError, ValueError):
        return {}
    finally:
        os.close(descriptor)
    return value if isinstance(value, dict) else {}


def dumps(value: Any, indent: int | None = None) -> str:
    """`value` as JSON in ASCII; with `indent` one member per line. Floats are not supported.

    Raises `TypeError` for anything but dict, list, tuple, str, int, bool and None.
    """
    return "".join(_pieces(value, indent, 0))


def _pieces(value: Any, indent: int | None, depth: int) -> list[str]:
    if isinstance(value, str):
        return [_quote(value)]
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int):
        return [str(int(value))]
    if isinstance(value, dict):
        members = [
            [_quote(key), ": " if indent else ":", *_pieces(member, indent, depth + 1)]
            for key, member in value.items()
        ]
        return _enclosed("{", members, "}", indent, depth)
    if isinstance(value, (list, tuple)):
        members = [_pieces(member, indent, depth + 1) for member in value]
        return _enclosed("[", members, "]", indent, depth)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _enclosed(
    opening: str, members: list[list[str]], closing: str, indent: int | None, depth: int
) -> list[str]:
    if not members:
        return [opening + closing]
    between = "\n" + " " * (indent * (depth + 1)) if indent else ""
    pieces = [opening]
    for number, member in enumerate(members):
        pieces.append(("," if number else "") + between)
        pieces += member
    pieces.append(("\n" + " " * (indent * depth) if indent else "") + closing)
    return pieces
