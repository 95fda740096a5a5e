"""Telling what was drawn at random from what was written."""

from __future__ import annotations

import math
import re
from collections import Counter

from confab_sync.redaction.literal import LONGEST_LOOK, PATH, literal

_HEX = re.compile(rb"(?:0x)?[0-9a-fA-F]++")
_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_OPAQUE = re.compile(rb"[A-Za-z0-9_~.+/=:%-]++")
_SOLID = re.compile(rb"[A-Za-z]*[0-9][A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*")
_BASE64 = re.compile(rb"/[A-Za-z0-9+/]{19,}+={0,2}+")
_LONG_WORD = re.compile(rb"[a-z]{6}")
_DIGITS = re.compile(rb"[0-9]++")
_DIGEST = re.compile(rb"(?i)(?:sha(?:1|224|256|384|512)|md5|h1)[-:_]")
_DATE = re.compile(rb"[0-9]{2,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_PIECE = re.compile(rb"[A-Za-z0-9]++")
_WORD_OR_NUMBER = re.compile(rb"[A-Za-z]++[0-9]{0,2}+|[0-9]++")
_CHANGE = re.compile(rb"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]|[A-Z]{2}[a-z]")


def entropy(value: bytes) -> float:
    """Shannon's entropy of the bytes of `value`, in bits per byte."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def mixed(value: bytes) -> bool:
    """Whether there are both letters and digits: few words and few numbers are like that."""
    head = value[:LONGEST_LOOK]
    return (
        any(48 <= byte <= 57 for byte in head)
        and any(65 <= byte <= 90 or 97 <= byte <= 122 for byte in head)
        and literal(value)
    )


def generated(value: bytes) -> bool:
    """Whether `value` looks drawn at random rather than written: no words, date, path or hash."""
    head = value[:LONGEST_LOOK]
    if not mixed(head) or is_path(head) or _DATE.match(head) or _DIGEST.match(head):
        return False
    return entropy(head) >= (3.0 if len(head) < 24 else 3.4) and _is_restless(head)


def is_path(value: bytes) -> bool:
    """Whether `value` begins as a path or a URL does, and is no Base64 that begins with `/`."""
    head = value[:LONGEST_LOOK]
    if PATH.match(head) is None:
        return False
    return not (_BASE64.fullmatch(head) and _changes(head) * 5 >= len(head) and dense(head))


def scattered(value: bytes) -> bool:
    """Whether digits stand in several places of `value`, and no word does."""
    digits = _DIGITS.findall(value)
    return len(digits) >= 2 and not _LONG_WORD.search(value) and generated(value)


def dense(value: bytes) -> bool:
    """Whether `value` is as disordered as a key, unlike the text that Base64 makes of data."""
    return entropy(value[:LONGEST_LOOK]) >= 4.0


def unexplained(value: bytes) -> bool:
    """Whether `value` looks drawn at random and is no hash or uuid, which prose is full of."""
    return generated(value) and not _HEX.fullmatch(value) and not _UUID.fullmatch(value)


def is_opaque(value: bytes) -> bool:
    """Whether this can only be an identifier of something or a secret."""
    if _UUID.fullmatch(value) or (len(value) >= 24 and _HEX.fullmatch(value)):
        return True
    if len(value) >= 20 and _SOLID.fullmatch(value):
        return True
    return generated(value) and _OPAQUE.fullmatch(value) is not None


def is_named_after_words(value: bytes) -> bool:
    """Whether it consists of words and numbers: the name of something, not a secret."""
    return not _is_restless(value) and all(
        _WORD_OR_NUMBER.fullmatch(piece) for piece in _PIECE.findall(value)
    )


def _is_restless(value: bytes) -> bool:
    """Whether kinds of characters change within pieces more often than names do it."""
    changes = _changes(value)
    return changes * 8 >= len(value) or changes >= 5


def _changes(value: bytes) -> int:
    """How often kinds of characters change within the pieces of `value`."""
    return sum(len(_CHANGE.findall(piece)) for piece in _PIECE.findall(value))
