"""Takes fields out of a decoded request by name and type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.server import moments
from confab_sync.server.answers import refusal
from confab_sync.server.jsonrules import NotJson, cleaned, first_value, storable
from confab_sync.store.values import Json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from confab_sync.errors import RequestRefused

_LARGEST = 2**63 - 1


class Record:
    """An object of a request: keys match in any case, `null` is as good as absent (§1.8).

    A field of another type than asked for is `RequestRefused` with `complaint`.
    """

    def __init__(self, value: object, complaint: str) -> None:
        self._complaint = complaint
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._malformed()
        # Kelvin and the long s are the two letters that Go takes for ASCII ones.
        self._values: Mapping[str, object] = {
            key.replace("\u017f", "s").lower(): item for key, item in value.items()
        }

    def text(self, name: str) -> str:
        """A text, empty when absent."""
        return self.optional_text(name) or ""

    def optional_text(self, name: str) -> str | None:
        """A text, or `None` when absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._malformed()
        return None if value is None else cleaned(value)

    def integer(self, name: str) -> int:
        """A whole number of at most 64 bits, 0 when absent."""
        value = self._values.get(name)
        if value is None:
            return 0
        if type(value) is not int or not -_LARGEST - 1 <= value <= _LARGEST:
            raise self._malformed()
        return value

    def lines(self, name: str) -> list[str]:
        """An array of texts, empty when absent; `null` in it is an empty text."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._malformed()
        lines = [item if item is not None else "" for item in value]
        if not all(isinstance(item, str) for item in lines):
            raise self._malformed()
        return lines

    def record(self, name: str) -> Record:
        """An object, empty when absent."""
        return Record(self._values.get(name), self._complaint)

    def has(self, name: str) -> bool:
        """Whether the field is there and not `null`."""
        return self._values.get(name) is not None

    def moment(self, name: str) -> datetime | None:
        """A moment in time (§1.8), or `None` when absent."""
        value = self._values.get(name)
        if value is None:
            return None
        moment = moments.parsed(value) if isinstance(value, str) else None
        if moment is None:
            raise self._malformed()
        return None if moments.is_zero(moment) else moment

    def anything(self, name: str) -> object | None:
        """Any JSON, to be kept: `None` when absent, `Json.NULL` for `null`."""
        if name not in self._values:
            return None
        try:
            value = storable(self._values[name])
        except NotJson:
            raise self._malformed() from None
        return Json.NULL if value is None else value

    def _malformed(self) -> RequestRefused:
        return refusal(400, self._complaint)


def parsed(data: bytes, complaint: str = wire.INVALID_BODY) -> Record:
    """The object that a body holds; `RequestRefused` with `complaint` when it holds none."""
    try:
        return Record(first_value(data), complaint)
    except NotJson:
        raise refusal(400, complaint) from None


def require(name: str, value: str) -> None:
    """Refuse an empty field, and one with a NUL, which no client can mean."""
    if not value:
        raise refusal(400, wire.FIELD_REQUIRED.format(field=name))
    refuse_nul(name, value)


def limit(name: str, value: str | None, longest: int) -> None:
    """Refuse a field of more than `longest` bytes of UTF-8."""
    if value is not None and len(value.encode()) > longest:
        raise refusal(400, wire.FIELD_TOO_LONG.format(field=name, limit=longest))


def refuse_nul(name: str, value: str | None) -> None:
    """Refuse a field with a NUL."""
    if value is not None and "\0" in value:
        raise refusal(400, f"{name} contains a NUL character")
