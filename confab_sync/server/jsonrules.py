"""Reads JSON as the contract's server does, with all that it forgives (contract §1.8)."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 200
"""Values that are kept may be nested so deeply: what Python reads and writes everywhere."""

_BLANKS = re.compile(r"[ \t\n\r]*")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LONGEST_INTEGER = 1000


class NotJson(ValueError):
    """The bytes do not begin with a JSON value, or it cannot be kept."""


def first_value(data: bytes) -> object:
    """The first JSON value in `data`; what follows it is ignored.

    Bytes that are not UTF-8 become U+FFFD. Of equal keys the last wins, and takes the last
    place. Raises `NotJson`.
    """
    text = data.decode("utf-8", "replace")
    blanks = _BLANKS.match(text)
    try:
        return _DECODER.raw_decode(text, blanks.end() if blanks else 0)[0]
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error


def cleaned(text: str) -> str:
    """`text` with U+FFFD in place of halves of surrogate pairs."""
    return _SURROGATES.sub("\ufffd", text)


def storable(value: object) -> object:
    """A copy of a JSON value as it can be kept: valid Unicode, no NUL, no infinite number.

    Raises `NotJson` for what cannot be mended.
    """
    return _storable(value, 0)


def _storable(value: object, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise NotJson(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        if "\0" in value:
            raise NotJson("a text contains a NUL")
        return cleaned(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise NotJson("a number is too large")
    if isinstance(value, list):
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            str(_storable(key, depth)): _storable(item, depth + 1) for key, item in value.items()
        }
    return value


def _integer(digits: str) -> int | float:
    # Python refuses to read thousands of digits, which are a number like others.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def _last_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found.pop(key, None)
        found[key] = value
    return found


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_last_wins, parse_int=_integer, parse_constant=_refuse
)
