"""A strict JSON scanner that says where in the text each value stands.

The standard module drops what an edit in place needs: positions, the spelling of
numbers and strings, whitespace. This one keeps the text as the truth and describes it.
It refuses exactly what RFC 8259 does not allow, and does not recurse, so that nesting
has no limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from confab_sync.claude.jsonvalues import Document, Kind, Member, Value, decoded, refuse

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE+-])")
_WORD = re.compile(rb"(true|false|null)\b")
_KINDS: dict[bytes, Kind] = {b"true": "true", b"false": "false", b"null": "null"}


@dataclass(slots=True)
class _Open:
    """A container whose closing bracket has not been reached yet."""

    kind: Literal["object", "array"]
    start: int
    items: list[Value]
    members: list[Member]
    key: Value | None = None


def scan(data: bytes, source: str) -> Document:
    """Describe the one JSON value in `data`, which may begin with a byte order mark.

    Raises `SettingsError` with the 1-based line where `data` is not strict JSON in UTF-8.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(data, source, error.start, "not UTF-8")
    return Document(data, source, _Scanner(data, source).root())


class _Scanner:
    """Walks over the text once, from left to right."""

    def __init__(self, data: bytes, source: str) -> None:
        self._data = data
        self._source = source
        self._at = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0

    def root(self) -> Value:
        """The value that the whole text consists of."""
        open_containers: list[_Open] = []
        while True:
            value = self._value_or_opening(open_containers)
            while value is not None:
                if not open_containers:
                    if self._peek():
                        self._fail(self._surprise("the end of the file"))
                    return value
                value = self._taken_in(open_containers, value)

    def _value_or_opening(self, open_containers: list[_Open]) -> Value | None:
        """The next value; None when it opens a container that has something in it."""
        start = self._skip()
        opening = self._peek()
        if opening not in (b"{", b"["):
            return self._scalar()
        self._at += 1
        container = _Open("object" if opening == b"{" else "array", start, [], [])
        if self._peek() == _closing(container):
            self._at += 1
            return Value(container.kind, start, self._at)
        open_containers.append(container)
        if container.kind == "object":
            container.key = self._key()
        return None

    def _taken_in(self, open_containers: list[_Open], value: Value) -> Value | None:
        """Put `value` into the innermost container; that one's value if it ends here."""
        container = open_containers[-1]
        if container.key is None:
            container.items.append(value)
        else:
            name = decoded(self._data, container.key)
            container.members.append(Member(name, container.key, value))
        following = self._peek()
        if following == b",":
            comma_at = self._at
            self._at += 1
            if self._peek() == _closing(container):
                self._at = comma_at
                self._fail("a comma with nothing after it")
            if container.kind == "object":
                container.key = self._key()
            return None
        if following != _closing(container):
            self._fail(self._surprise(f"a comma or {_closing(container).decode()}"))
        self._at += 1
        open_containers.pop()
        items, members = tuple(container.items), tuple(container.members)
        return Value(container.kind, container.start, self._at, items, members)

    def _key(self) -> Value:
        if self._peek() != b'"':
            self._fail(self._surprise("a name in double quotes"))
        key = self._scalar()
        if self._peek() != b":":
            self._fail(self._surprise("a colon"))
        self._at += 1
        return key

    def _scalar(self) -> Value:
        start = self._at
        if match := _STRING.match(self._data, start):
            kind: Kind = "string"
        elif match := _NUMBER.match(self._data, start):
            kind = "number"
        elif match := _WORD.match(self._data, start):
            kind = _KINDS[match[1]]
        elif self._peek() == b'"':
            self._fail("a string that is not ended, or has a character that needs an escape")
        else:
            self._fail(self._surprise("a value"))
        self._at = match.end()
        return Value(kind, start, self._at)

    def _peek(self) -> bytes:
        at = self._skip()
        return self._data[at : at + 1]

    def _skip(self) -> int:
        match = _SPACE.match(self._data, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _surprise(self, wanted: str) -> str:
        found = self._data[self._at : self._at + 3]
        if not found:
            return f"the file ends where {wanted} should be"
        if found.startswith((b"//", b"/*", b"#")):
            return "a comment, which JSON does not have"
        if found in (b"NaN", b"Inf", b"-In"):
            return "NaN or Infinity, which JSON does not have"
        character = self._data[self._at :].decode("utf-8", "replace")[:1]
        return f"{character!r} where {wanted} should be"

    def _fail(self, why: str) -> NoReturn:
        refuse(self._data, self._source, self._at, why)


def _closing(container: _Open) -> bytes:
    return b"}" if container.kind == "object" else b"]"
