"""The JSON objects in some lines, each decoded when it is first asked for and only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confab_sync import quickjson

if TYPE_CHECKING:
    from collections.abc import Iterator


class Rows:
    """Looks for objects that have a name in them; other lines are neither cut out nor decoded.

    In JSON a quoted name cannot be part of a text: there its quotes are escaped.
    """

    def __init__(self, lines: bytes) -> None:
        self._lines = lines
        self._decoded: dict[int, dict[str, Any] | None] = {}
        """The objects by where their lines begin."""

    @property
    def parses(self) -> int:
        """How many lines were decoded."""
        return len(self._decoded)

    def forwards(self, containing: bytes, but_not: bytes | None = None) -> Iterator[dict[str, Any]]:
        """The objects with `containing` in their lines and without `but_not`, in order."""
        after = 0
        while (at := self._lines.find(containing, after)) >= 0:
            start, after = self._line_around(at)
            if but_not is None or self._lines.find(but_not, start, after) < 0:
                yield from self._object(start, after)

    def backwards(self, containing: bytes) -> Iterator[dict[str, Any]]:
        """The objects with `containing` in their lines, the last first."""
        start = len(self._lines)
        while (at := self._lines.rfind(containing, 0, start)) >= 0:
            start, end = self._line_around(at)
            yield from self._object(start, end)

    def _line_around(self, at: int) -> tuple[int, int]:
        """Where the line begins that has the byte `at` in it, and where it ends."""
        end = self._lines.find(b"\n", at)
        return self._lines.rfind(b"\n", 0, at) + 1, len(self._lines) if end < 0 else end

    def _object(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        if start not in self._decoded:
            self._decoded[start] = _object(self._lines[start:end])
        row = self._decoded[start]
        if row is not None:
            yield row


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = quickjson.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
