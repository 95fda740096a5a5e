"""Where in a text secrets of many kinds may begin, found without an automaton that can explode.

An automaton that counts the characters of many kinds of keys at a time has a state for each
combination of counts, and a text can be made to need a new one with each byte. One that knows
nothing but the beginnings of keys has no more states than these have letters.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from confab_sync.redaction.engine import BudgetExceeded, most_matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from confab_sync.redaction.engine import Sought

SHORTEST = 3
"""Bytes of a beginning that are worth looking for."""

FEW = 4
"""Patterns of which one automaton can keep count in any text."""

LOOKED_AT = 64
"""Beginnings that are looked at before those that are known are passed over."""


class Spots:
    """The beginnings of `patterns` that have any of some length, by `compile_`, longest first.

    What `which` makes of several patterns has a `Match` that says which of them are in a text.
    """

    def __init__(
        self,
        patterns: Sequence[Sought],
        compile_: Callable[[str], Any],
        which: Callable[[Iterable[str]], Any],
    ) -> None:
        self._begun = {
            number: sought.keywords
            for number, sought in enumerate(patterns)
            if sought.keywords and min(map(len, sought.keywords)) >= SHORTEST
        }
        distinct = {keyword for keywords in self._begun.values() for keyword in keywords}
        self._keywords = sorted(distinct, key=lambda keyword: (-len(keyword), keyword))
        self._beginning: Any = compile_(_alternation(self._keywords)) if distinct else None
        self._which: Any = which(map(_alternation, self._begun.values()))
        self._numbers = tuple(self._begun)
        self._compile = compile_
        self._made: dict[frozenset[int], Any] = {}
        self._known: dict[bytes, tuple[tuple[int, ...], int]] = {}

    @property
    def numbers(self) -> Sequence[int]:
        """The patterns whose beginnings are looked for."""
        return self._numbers

    def kinds(self, data: bytes) -> list[int]:
        """Which of these patterns begin somewhere in `data`, in no order."""
        return [self._numbers[place] for place in self._which.Match(data) or ()]

    def crowd(self, data: bytes) -> list[tuple[int, int]]:
        """Where in `data` which pattern may begin, in order, if those are more than a few.

        One beginning within another does not count for this. Nothing else comes back. Raises
        `BudgetExceeded` for more places than may be tried.
        """
        if self._beginning is None or not self._has_many_kinds(data):
            return []
        found: list[tuple[bytes, int]] = []
        most = most_matches(data)
        for keyword, start in self._all(data):
            found.append((keyword, start))
            if len(found) > most:
                break
        if len(found) > most:
            raise BudgetExceeded
        return [(number, start) for each, start in found for number in self._of(each)[0]]

    def _has_many_kinds(self, data: bytes) -> bool:
        """Whether more than a few patterns may begin in `data`.

        What comes again and again is looked at no more than a few times.
        """
        kinds: set[int] = set()
        after = 0
        for found in islice(self._beginning.finditer(data), LOOKED_AT):
            start, after = found.span()
            kinds.update(self._of(data[start:after].lower())[0])
            if len(kinds) > FEW:
                return True
        if not kinds:
            return False
        while len(kinds) < len(self._begun):
            rest = self._others(frozenset(kinds)).search(data, after)
            if rest is None:
                return False
            start, after = rest.span()
            kinds.update(self._of(data[start:after].lower())[0])
            if len(kinds) > FEW:
                return True
        return False

    def _others(self, kinds: frozenset[int]) -> Any:
        """What finds the beginnings of all patterns but these, of which there must be some."""
        if kinds not in self._made:
            if len(self._made) >= LOOKED_AT:
                self._made.clear()
            left = {
                keyword
                for number, keywords in self._begun.items()
                if number not in kinds
                for keyword in keywords
            }
            self._made[kinds] = self._compile(_alternation(sorted(left)))
        return self._made[kinds]

    def _all(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Every keyword in lower case with its place, also those that overlap."""
        after = 0
        while after >= 0:
            begin, after = after, -1
            for found in self._beginning.finditer(data, begin):
                start, end = found.span()
                keyword = data[start:end].lower()
                yield keyword, start
                step = self._of(keyword)[1]
                if step < end - start:
                    after = start + step
                    break

    def _of(self, keyword: bytes) -> tuple[tuple[int, ...], int]:
        """The patterns that `keyword` may begin, and how far behind it the next one may begin."""
        if keyword not in self._known:
            word = keyword.decode()
            begun = (number for number, each in self._begun.items() if word.startswith(each))
            self._known[keyword] = (tuple(begun), _step(word, self._keywords))
        return self._known[keyword]


def _alternation(keywords: Sequence[str]) -> str:
    escaped = ("".join(f"\\x{ord(letter):02x}" for letter in each) for each in keywords)
    return f"(?i:{'|'.join(escaped)})"


def _step(keyword: str, keywords: Sequence[str]) -> int:
    """How far behind the beginning of `keyword` the next one may begin."""
    for step in range(1, len(keyword)):
        rest = keyword[step:]
        if any(rest.startswith(each) or each.startswith(rest) for each in keywords):
            return step
    return len(keyword)
