"""Telling something itself from a placeholder or a reference to it elsewhere."""

from __future__ import annotations

import re

MARKER = re.compile(rb"\[REDACTED:[A-Z][A-Z0-9_]*\]")

LONGEST_LOOK = 256
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
      \$(?: \{ | \( | [a-z_]++(?![a-z0-9_]) | (?-i:[A-Z_][A-Z0-9_]*+)(?![a-z]) | [0-9@*?]\b )
      | \{\{ | \{[a-z0-9_]*+[}:!.\[] | \#/ | <[^>]{0,80}> | %\{
      | %[a-z_]++% | %\(
      | %[sdrv]\b | \[(?:redacted|hidden|filtered|masked|removed|omitted|your|insert|placeholder)
      | \*{3} | op:// | vault: | arn:aws | env: | !(?:ref|sub|getatt|secret|env_var|vault) | @@
      | (?:process|os|sys|import\.meta|deno|bun|config|settings|secrets?|vars?|env|self|this|params?
         |props|state|req|request|res|response|ctx|context|args?|opts|options|data|user|event)
        (?:\.|\[|->|::|\?\.)
      | (?:get)?env(?:iron)?\s*[(\[]
    """
)
"""How a value begins that only says where the secret is."""

_ANNOUNCED = re.compile(rb"(?i)(?:your|my|the|some|an?|insert|enter|replace)[-_ ]?")
WORDS_ONLY = re.compile(rb"[A-Za-z]++(?:[-_ .:/][A-Za-z]++)*+[.!?:]?+")
SENSITIVE_WORD = re.compile(rb"(?i)pass(?:word|wd|phrase|code)|secret|token|key|credential|auth")
PATH = re.compile(rb"(?:~|\.{1,2})?/|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://|\.{1,2}\Z")


def literal(value: bytes) -> bool:
    """Whether `value` is something itself, not a placeholder or a reference to it elsewhere."""
    head = value[:LONGEST_LOOK]
    return not (
        not head
        or _NOTHING.fullmatch(head)
        or _REFERENCE.match(head)
        or (b"[REDACTED:" in head and not MARKER.sub(b"", value).strip())
        or (_ANNOUNCED.match(head) and WORDS_ONLY.fullmatch(head) and SENSITIVE_WORD.search(head))
    )


def is_template(value: bytes) -> bool:
    """Whether a variable or a call stands somewhere inside."""
    return b"${" in value or b"{{" in value or b"$(" in value or b"<%" in value
