"""What an engine is: a way to run many patterns over bytes, within a budget.

The budget counts matches, not time, so the same text always has the same fate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MATCHES_AT_LEAST = 4096
BYTES_PER_MATCH = 192
"""How many matches are looked at in one text: so many, and one more for each so many bytes."""


class BudgetExceeded(Exception):
    """A text costs more than its length allows. Never leaves the room."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A pattern, and what every text that it matches has in it when in lower case.

    It begins with one of `keywords`, or, where `hint` is given, has something in it that this
    matches, at most `reach` bytes after the beginning.
    """

    pattern: str
    keywords: tuple[str, ...] = ()
    hint: str = ""
    reach: int = 0


class Matcher(Protocol):
    """Several patterns that are looked for together."""

    def matches(self, data: bytes) -> Iterable[tuple[int, Any]]:
        """Every match of every pattern, pattern by pattern: its number and the match."""


class Finder(Protocol):
    """Tells which lines deserve a closer look."""

    def lines(
        self, data: bytes, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, int]]:
        """Where those lines of `data` start and end, without their newlines, in order.

        Of the lines between `start` and `stop` only, where lines begin.
        """


class Engine(Protocol):
    """A way to compile patterns."""

    name: str

    def matcher(self, patterns: Sequence[Sought]) -> Matcher:
        """Something that looks for all of `patterns`."""

    def finder(self, groups: Iterable[Iterable[str]], openings: Iterable[str] = ()) -> Finder:
        """Triggers, in groups that are looked for separately.

        With `openings`, every match of the first group begins where one of them matches.
        """

    def custom(self, pattern: str) -> Any:
        """A pattern of the user's, for bytes. Raises `ValueError` with the reason."""


class EveryLine:
    """The finder for when looking closely at once is no dearer."""

    def lines(
        self, data: bytes, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, int]]:
        """All of the lines that are not empty."""
        stop = len(data) if stop is None else stop
        while start < stop:
            end = data.find(b"\n", start, stop)
            end = stop if end < 0 else end
            if start < end:
                yield start, end
            start = end + 1


def most_matches(data: bytes) -> int:
    """How many matches may be looked at in `data` before it is given up as a whole."""
    return MATCHES_AT_LEAST + len(data) // BYTES_PER_MATCH
