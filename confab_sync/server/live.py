"""What a client's daemon says of itself in passing: the `Confab-Live` header of our own API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.server.jsonrules import NotJson, first_value, storable

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS = frozenset({"phase", "connection", "run_id", "version"})
_NUMBERS = frozenset({"lag_seconds", "behind_bytes", "context_used", "context_size"})
_LONGEST_TEXT = 200


def live(headers: Mapping[str, str]) -> dict[str, object] | None:
    """The known fields of the header, those of the right kind; `None` when it says nothing."""
    header = headers.get(wire.LIVE_HEADER, "")
    if not header or len(header) > wire.MAX_LIVE or not header.isascii():
        return None
    try:
        value = storable(first_value(header.encode()))
    except NotJson:
        return None
    if not isinstance(value, dict):
        return None
    return {key: item for key, item in value.items() if _is_known(key, item)} or None


def _is_known(key: str, item: object) -> bool:
    if key in _TEXTS:
        return isinstance(item, str) and len(item) <= _LONGEST_TEXT
    is_number = isinstance(item, int | float) and not isinstance(item, bool)
    return key in _NUMBERS and is_number
