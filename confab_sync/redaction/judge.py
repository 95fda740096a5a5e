"""Which values under a telling name are secrets, by the way that they are written."""

from __future__ import annotations

import enum
import re

from confab_sync.redaction.entropy import (
    generated,
    is_named_after_words,
    is_opaque,
    is_path,
    mixed,
)
from confab_sync.redaction.literal import (
    LONGEST_LOOK,
    SENSITIVE_WORD,
    WORDS_ONLY,
    is_template,
    literal,
)


class Strength(enum.Enum):
    """How much a name tells of its value."""

    STRONG = "password, secret, API key: any literal is a secret"
    CREDENTIAL = "token, pass: a secret or a word"
    WEAK = "auth, session key: often something else"


_CODE = re.compile(
    rb"""(?x)
      [&*!@~]?+ [A-Za-z_$][\w$]*+ (?: (?:\.|->|::|\?\.|!\.) [A-Za-z_$][\w$]*+ )*+ \s*+ [(\[{]
      | [&*!@~]?+ [A-Za-z_$][\w$]*+ (?: (?:\.|->|::|\?\.|!\.) [A-Za-z_$][\w$]*+ )++ [);,]*+ \Z
      | [(\[{] | => | \|\| | && | \+ | \.\.\. | !? [A-Za-z_$]++ \s*+ (?: [=!]=|\?|\|\| )
    """
)
_NO_BEGINNING = b" \t,;)+]}"
_CLASS_NAME = re.compile(rb"_?[A-Z][A-Za-z_]*+(?:\.[A-Za-z_]++)*+(?:\[[A-Za-z_., |\[\]]*+\])?+")
_CONSTANT = re.compile(rb"-?0[xXbBoO][0-9a-fA-F_]++[uUlLn]*+|-?[0-9][0-9_.]*+[a-zA-Z%]{0,3}+")
_NAMES_A_SECRET = re.compile(
    rb"[\w.$]*?(?:[a-z0-9](?:Key|Token|Secret|Password|Credential)|_(?:KEY|TOKEN|SECRET|PASSWORD))[\w.$]*"
)


def field_value(value: bytes, *, strength: Strength) -> bool:
    """Whether the string under a telling name in data (JSON, a dictionary) is a secret.

    Under a strong name every literal is one; under another one what could hardly be a word, an
    identifier or a path.
    """
    if not literal(value):
        return False
    if strength is Strength.STRONG:
        return not (b" " in value and len(value) < LONGEST_LOOK and _is_about_secrets(value))
    if len(value) < 8 or b" " in value or is_path(value):
        return False
    return mixed(value) and (
        strength is Strength.CREDENTIAL or not is_named_after_words(value[:LONGEST_LOOK])
    )


def quoted_value(value: bytes, *, strength: Strength) -> bool:
    """Whether a string literal that code assigns to a telling name is a secret."""
    if len(value) < 4 or not literal(value) or is_path(value) or value[:1] in _NO_BEGINNING:
        return False
    if WORDS_ONLY.fullmatch(value[:LONGEST_LOOK]) and (
        b" " in value or SENSITIVE_WORD.search(value)
    ):
        return False
    if b" " in value and (_is_about_secrets(value) or strength is not Strength.STRONG):
        return False
    if strength is Strength.STRONG:
        return True
    return len(value) >= 8 and is_opaque(value)


def annotation(value: bytes) -> bool:
    """Whether this may be the name of a type, which stands behind a colon in code."""
    return _CLASS_NAME.fullmatch(value[:LONGEST_LOOK]) is not None


def bare_value(value: bytes, *, strength: Strength) -> bool:
    """Whether an unquoted value after a telling name is a secret and not code or prose."""
    if len(value) < 4 or not literal(value) or is_path(value) or is_template(value):
        return False
    head = value[:LONGEST_LOOK]
    if not mixed(head) or _CONSTANT.fullmatch(head) or _NAMES_A_SECRET.fullmatch(head):
        return False
    if _CODE.match(head):
        return generated(head) and len(head) >= 16 and b"(" not in head and b"[" not in head
    if strength is Strength.STRONG:
        return True
    return len(head) >= 8 and is_opaque(head) and not is_named_after_words(head)


def environment_value(value: bytes, *, strength: Strength) -> bool:
    """Whether the value of an environment variable with a telling name is a secret."""
    if len(value) < 3 or not literal(value) or _CODE.match(value[:LONGEST_LOOK]):
        return bare_value(value, strength=strength)
    if is_path(value) or is_template(value):
        return False
    words = WORDS_ONLY.fullmatch(value[:LONGEST_LOOK])
    if words and SENSITIVE_WORD.search(value):
        return False
    return strength is Strength.STRONG or (len(value) >= 8 and not words)


def number_value(value: bytes, *, strength: Strength) -> bool:
    """Whether a number under a telling name is a secret and not a count, a flag or a limit."""
    return sum(48 <= byte <= 57 for byte in value) >= (4 if strength is Strength.STRONG else 8)


def _is_about_secrets(value: bytes) -> bool:
    """Whether this is a sentence about secrets: a label, a message, a description."""
    return SENSITIVE_WORD.search(value) is not None and not any(48 <= b <= 57 for b in value)
