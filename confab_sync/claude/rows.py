"""The JSON objects in some lines, each decoded when it is first asked for and only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confab_sync import quickjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Rows:
    """Looks for objects that have a name in them; other lines are not decoded.

    In JSON a quoted name cannot be part of a text: there its quotes are escaped.
    """

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines
        self._decoded: dict[int, dict[str, Any] | None] = {}

    @property
    def parses(self) -> int:
        """How many lines were decoded."""
        return len(self._decoded)

    def forwards(self, containing: bytes, but_not: bytes | None = None) -> Iterator[dict[str, Any]]:
        """The objects with `containing` in their lines and without `but_not`, in order."""
        return self._found(range(len(self._lines)), containing, but_not)

    def backwards(self, containing: bytes) -> Iterator[dict[str, Any]]:
        """The objects with `containing` in their lines, the last first."""
        return self._found(reversed(range(len(self._lines))), containing, None)

    def _found(
        self, numbers: Iterable[int], containing: bytes, but_not: bytes | None
    ) -> Iterator[dict[str, Any]]:
        for number in numbers:
            line = self._lines[number]
            if containing not in line or (but_not is not None and but_not in line):
                continue
            if number not in self._decoded:
                self._decoded[number] = _object(line)
            row = self._decoded[number]
            if row is not None:
                yield row


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = quickjson.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
