"""Telling a secret from a placeholder, a reference, an identifier or prose."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MARKER = re.compile(rb"\[REDACTED:[A-Z][A-Z0-9_]*\]")

_LONGEST_LOOK = 256
"""Bytes of a value that are enough to judge it by."""

_NOTHING = re.compile(
    rb"""(?xi)
      (?: null | none | nil | undefined | true | false | yes | no | on | off | empty
        | string | str | text | bytes | number | integer | int | float | bool | boolean
        | object | array | list | dict | any | unknown | void | never | required | optional
        | include | same-origin | omit
        | redacted | hidden | masked | filtered | omitted | secretstr
        | pass | pw | pwd | passwd | password | secret | token | key | credentials?
        | (?:basic|bearer|digest|negotiate|oauth|token) \s*+ (?: %[a-z] | \{.*+ | \$.*+ | <.*+ )?+
        | \W++ | (?:x|\*|\.|\#|-|_|\xe2\x80\xa2|\xe2\x80\xa6)++
      )
    """
)
"""Whole values that say nothing."""

_REFERENCE = re.compile(
    rb"""(?xi)
      \$(?: \{ | \( | [a-z_] | [0-9@*?] ) | \{\{ | \{[a-z0-9_]*+[}:!.\[] | \#/ | <[^>]{0,80}> | %\{
      | %[a-z_]++% | %\(
      | %[sdrv]\b | \[(?:redacted|hidden|filtered|masked|removed|omitted|your|insert|placeholder)
      | \*{3} | op:// | vault: | arn:aws | env: | !(?:ref|sub|getatt|secret|env_var|vault) | @@ | \\
      | (?:process|os|sys|import\.meta|deno|bun|config|settings|secrets?|vars?|env|self|this|params?
         |props|state|req|request|res|response|ctx|context|args?|opts|options|data|user|event)
        (?:\.|\[|->|::|\?\.)
      | (?:get)?env(?:iron)?\s*[(\[]
    """
)
"""How a value begins that only says where the secret is."""

_ANNOUNCED = re.compile(rb"(?i)(?:your|my|the|some|an?|insert|enter|replace)[-_ ]?")
_WORDS_ONLY = re.compile(rb"[A-Za-z]++(?:[-_ .:/][A-Za-z]++)*+[.!?:]?+")
_SENSITIVE_WORD = re.compile(rb"(?i)pass(?:word|wd|phrase|code)|secret|token|key|credential|auth")
_CODE = re.compile(
    rb"""(?x)
      [&*!@~]?+ [A-Za-z_$][\w$]*+ (?: (?:\.|->|::|\?\.|!\.) [A-Za-z_$][\w$]*+ )*+ \s*+ [(\[{]
      | [&*!@~]?+ [A-Za-z_$][\w$]*+ (?: (?:\.|->|::|\?\.|!\.) [A-Za-z_$][\w$]*+ )++ [);,]*+ \Z
      | [(\[{] | => | \|\| | && | \+ | \.\.\. | !? [A-Za-z_$]++ \s*+ (?: [=!]=|\?|\|\| )
    """
)
_NO_BEGINNING = b" \t,;)+]}"
_CLASS_NAME = re.compile(rb"_?[A-Z][A-Za-z_]*+(?:\.[A-Za-z_]++)*+(?:\[[A-Za-z_., |\[\]]*+\])?+")
_PATH = re.compile(rb"(?:~|\.{1,2})?/|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|\.{1,2}\Z")
_HEX = re.compile(rb"(?:0x)?[0-9a-fA-F]++")
_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_CONSTANT = re.compile(rb"-?0[xXbBoO][0-9a-fA-F_]++[uUlLn]*+|-?[0-9][0-9_.]*+[a-zA-Z%]{0,3}+")
_OPAQUE = re.compile(rb"[A-Za-z0-9_~.+/=:%-]++")
_SOLID = re.compile(rb"[A-Za-z]*[0-9][A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*")
_NAMES_A_SECRET = re.compile(
    rb"[\w.$]*?(?:[a-z0-9](?:Key|Token|Secret|Password|Credential)|_(?:KEY|TOKEN|SECRET|PASSWORD))[\w.$]*"
)
_LONG_WORD = re.compile(rb"[a-z]{6}")
_DIGITS = re.compile(rb"[0-9]++")
_WORD_OR_NUMBER = re.compile(rb"[A-Za-z]++[0-9]{0,2}+|[0-9]++")
_DIGEST = re.compile(rb"(?i)(?:sha(?:1|224|256|384|512)|md5|h1)[-:_]")
_DATE = re.compile(rb"[0-9]{2,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_PIECE = re.compile(rb"[A-Za-z0-9]++")
_CHANGE = re.compile(rb"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]|[A-Z]{2}[a-z]")


def entropy(value: bytes) -> float:
    """Shannon's entropy of the bytes of `value`, in bits per byte."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def mixed(value: bytes) -> bool:
    """Whether there are both letters and digits: few words and few numbers are like that."""
    head = value[:_LONGEST_LOOK]
    return (
        any(48 <= byte <= 57 for byte in head)
        and any(65 <= byte <= 90 or 97 <= byte <= 122 for byte in head)
        and literal(value)
    )


def generated(value: bytes) -> bool:
    """Whether `value` looks drawn at random rather than written: no words, date, path or hash."""
    head = value[:_LONGEST_LOOK]
    if not mixed(head) or _PATH.match(head) or _DATE.match(head) or _DIGEST.match(head):
        return False
    return entropy(head) >= (3.0 if len(head) < 24 else 3.4) and _is_restless(head)


def scattered(value: bytes) -> bool:
    """Whether digits stand in several places of `value`, and no word does."""
    digits = _DIGITS.findall(value)
    return len(digits) >= 2 and not _LONG_WORD.search(value) and generated(value)


def dense(value: bytes) -> bool:
    """Whether `value` is as disordered as a key, unlike the text that Base64 makes of data."""
    return entropy(value[:_LONGEST_LOOK]) >= 4.0


def unexplained(value: bytes) -> bool:
    """Whether `value` looks drawn at random and is no hash or uuid, which prose is full of."""
    return generated(value) and not _HEX.fullmatch(value) and not _UUID.fullmatch(value)


def _is_restless(value: bytes) -> bool:
    """Whether kinds of characters change within pieces more often than names do it."""
    changes = sum(len(_CHANGE.findall(piece)) for piece in _PIECE.findall(value))
    return changes * 8 >= len(value) or changes >= 5


def literal(value: bytes) -> bool:
    """Whether `value` is something itself, not a placeholder or a reference to it elsewhere."""
    head = value[:_LONGEST_LOOK]
    return not (
        not head
        or _NOTHING.fullmatch(head)
        or _REFERENCE.match(head)
        or (b"[REDACTED:" in head and not MARKER.sub(b"", value).strip())
        or (_ANNOUNCED.match(head) and _WORDS_ONLY.fullmatch(head) and _SENSITIVE_WORD.search(head))
    )


def field_value(value: bytes, *, strong: bool) -> bool:
    """Whether the string under a telling name in data (JSON, a dictionary) is a secret.

    `strong` names (password, secret, …) make one of every literal; the others (token, auth, …)
    of what could hardly be a word, an identifier or a path.
    """
    if not literal(value):
        return False
    if strong:
        return not (b" " in value and len(value) < _LONGEST_LOOK and _is_about_secrets(value))
    if len(value) < 8 or b" " in value or _PATH.match(value):
        return False
    return mixed(value) and not _is_named_after_words(value[:_LONGEST_LOOK])


def quoted_value(value: bytes, *, strong: bool) -> bool:
    """Whether a string literal that code assigns to a telling name is a secret."""
    if len(value) < 4 or not literal(value) or _PATH.match(value) or value[:1] in _NO_BEGINNING:
        return False
    if _WORDS_ONLY.fullmatch(value[:_LONGEST_LOOK]) and (
        b" " in value or _SENSITIVE_WORD.search(value)
    ):
        return False
    if b" " in value and (_is_about_secrets(value) or not strong):
        return False
    if strong:
        return True
    return len(value) >= 8 and _is_opaque(value)


def annotation(value: bytes) -> bool:
    """Whether this may be the name of a type, which stands behind a colon in code."""
    return _CLASS_NAME.fullmatch(value[:_LONGEST_LOOK]) is not None


def bare_value(value: bytes, *, strong: bool) -> bool:
    """Whether an unquoted value after a telling name is a secret and not code or prose."""
    if len(value) < 4 or not literal(value) or _PATH.match(value) or _is_template(value):
        return False
    head = value[:_LONGEST_LOOK]
    if not mixed(head) or _CONSTANT.fullmatch(head) or _NAMES_A_SECRET.fullmatch(head):
        return False
    if _CODE.match(head):
        return generated(head) and len(head) >= 16 and b"(" not in head and b"[" not in head
    if strong:
        return True
    return len(head) >= 8 and _is_opaque(head) and not _is_named_after_words(head)


def environment_value(value: bytes, *, strong: bool) -> bool:
    """Whether the value of an environment variable with a telling name is a secret."""
    if len(value) < 3 or not literal(value) or _CODE.match(value[:_LONGEST_LOOK]):
        return bare_value(value, strong=strong)
    if _PATH.match(value) or _is_template(value):
        return False
    words = _WORDS_ONLY.fullmatch(value[:_LONGEST_LOOK])
    if words and _SENSITIVE_WORD.search(value):
        return False
    return strong or (len(value) >= 8 and not words)


def number_value(value: bytes, *, strong: bool) -> bool:
    """Whether a number under a telling name is a secret and not a count, a flag or a limit."""
    return sum(48 <= byte <= 57 for byte in value) >= (4 if strong else 8)


def _is_named_after_words(value: bytes) -> bool:
    """Whether it consists of words and numbers: the name of something, not a secret."""
    return not _is_restless(value) and all(
        _WORD_OR_NUMBER.fullmatch(piece) for piece in _PIECE.findall(value)
    )


def _is_opaque(value: bytes) -> bool:
    """Whether this can only be an identifier of something or a secret."""
    if _UUID.fullmatch(value) or (len(value) >= 24 and _HEX.fullmatch(value)):
        return True
    if len(value) >= 20 and _SOLID.fullmatch(value):
        return True
    return generated(value) and _OPAQUE.fullmatch(value) is not None


def _is_about_secrets(value: bytes) -> bool:
    """Whether this is a sentence about secrets: a label, a message, a description."""
    return _SENSITIVE_WORD.search(value) is not None and not any(48 <= b <= 57 for b in value)


def _is_template(value: bytes) -> bool:
    """Whether a variable or a call stands somewhere inside."""
    return b"${" in value or b"{{" in value or b"$(" in value or b"<%" in value


def _user_and_password(value: bytes) -> bool:
    """Whether the Base64 text says `user:password`, as in RFC 7617."""
    decoded = _decoded(value)
    user, colon, password = decoded.partition(b":")
    return bool(colon and user + password) and all(32 <= b < 127 for b in decoded)


def _jwt_in_base64(value: bytes) -> bool:
    return _decoded(value[:64]).startswith(b"eyJ")


def _key_in_base64(value: bytes) -> bool:
    return b"PRIVATE KEY" in _decoded(value[:96])


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4))
    except binascii.Error:
        return b""


_PORT = re.compile(rb"[0-9]{0,5}(?:[?#,;&)|]|\Z)")


def _url_password(value: bytes) -> bool:
    """A password, where a port and a query with an address in it look alike."""
    return literal(value) and not _is_template(value) and not _PORT.match(value)


CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    "mixed": mixed,
    "generated": generated,
    "dense": dense,
    "scattered": scattered,
    "literal": literal,
    "url_password": _url_password,
    "user_and_password": _user_and_password,
    "jwt_in_base64": _jwt_in_base64,
    "key_in_base64": _key_in_base64,
}
"""Further tests that a rule may name."""
