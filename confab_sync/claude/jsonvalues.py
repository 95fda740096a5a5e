"""The values of a JSON text and the bytes where each of them stands."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from confab_sync.errors import SettingsError

Kind = Literal["object", "array", "string", "number", "true", "false", "null"]

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Value:
    """One JSON value: its kind and the bytes `start` (included) to `end` (not included)."""

    kind: Kind
    start: int
    end: int
    items: tuple[Value, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def children(self) -> tuple[Value | Member, ...]:
        """What stands between the brackets: an array's items, an object's members."""
        return self.items or self.members


@dataclass(frozen=True, slots=True)
class Member:
    """One `"name": value` of an object; the same name may occur again."""

    name: str
    key: Value
    value: Value

    @property
    def start(self) -> int:
        """Byte offset of the name's opening quote."""
        return self.key.start

    @property
    def end(self) -> int:
        """Byte offset just past the value."""
        return self.value.end


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON text and its root value; `source` names the text in error messages."""

    data: bytes
    source: str
    root: Value

    def string(self, value: Value) -> str:
        """The decoded content of a string value."""
        return decoded(self.data, value)

    def refuse(self, offset: int, why: str) -> NoReturn:
        """Raise `SettingsError` for what stands at byte `offset`, naming its line."""
        refuse(self.data, self.source, offset, why)


def line_at(data: bytes, offset: int) -> int:
    """The 1-based line on which byte `offset` stands; LF, CRLF and CR end a line."""
    return 1 + sum(1 for _ in _LINE_END.finditer(data, 0, offset))


def refuse(data: bytes, source: str, offset: int, why: str) -> NoReturn:
    """Raise `SettingsError` for what stands at byte `offset` of the text called `source`."""
    raise SettingsError(
        f"{source}, line {line_at(data, offset)}: {why}; the file was left as it is"
    )


def decoded(data: bytes, string: Value) -> str:
    """The content of a string value, without quotes and escapes."""
    content: str = json.loads(data[string.start : string.end].decode("utf-8"))
    return content
