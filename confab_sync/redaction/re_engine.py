"""The standard library's `re` as an engine, for where google-re2 has no wheel.

It is linear because of how the patterns are written: possessive, and with a bound on
whatever may fail behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from confab_sync.redaction.engine import BudgetExceeded, EveryLine, most_matches
from confab_sync.redaction.portable import needs_re2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from confab_sync.redaction.engine import Finder, Matcher, Sought

HINTS_PER_MATCH = 2
"""How many hints are followed for each match that is allowed."""

_BOUNDARY = r"\b"
_WORD = re.compile(rb"\w")


class ReEngine:
    """The standard library's `re`, watched."""

    name = "re"

    def matcher(self, patterns: Sequence[Sought]) -> Matcher:
        """Each pattern is tried where one of its keywords stands."""
        return _ReMatcher(patterns)

    def finder(self, groups: Iterable[Iterable[str]], openings: Iterable[str] = ()) -> Finder:
        """Every line: an alternation of `re` costs more than keywords do line by line."""
        return EveryLine()

    def custom(self, pattern: str) -> Any:
        """Only patterns that both engines read alike and that no text can make slow."""
        if needs_re2(pattern):
            raise ValueError("it needs the package google-re2, which is not installed")
        try:
            return re.compile(pattern.encode())
        except (re.error, UnicodeEncodeError) as error:
            raise ValueError(str(error)) from error


class _ReMatcher:
    def __init__(self, patterns: Sequence[Sought]) -> None:
        self._patterns = [
            _Hinted(sought) if sought.hint else _Spelled(sought) for sought in patterns
        ]

    def matches(self, data: bytes) -> Iterator[tuple[int, Any]]:
        left = most_matches(data)
        lowered = data.lower()
        for number, pattern in enumerate(self._patterns):
            for match in pattern.matches(data, lowered):
                left -= 1
                if left < 0:
                    raise BudgetExceeded
                yield number, match


class _Spelled:
    """A pattern that is run over a text in which one of its keywords is."""

    def __init__(self, sought: Sought) -> None:
        # A pattern that begins with a letter is found many times faster than one with \b.
        self._pattern = re.compile(sought.pattern.removeprefix(_BOUNDARY).encode("latin-1"))
        self._begins_a_word = sought.pattern.startswith(_BOUNDARY)
        self._keywords = tuple(keyword.encode() for keyword in sought.keywords)

    def matches(self, data: bytes, lowered: bytes) -> Iterator[re.Match[bytes]]:
        if not any(keyword in lowered for keyword in self._keywords):
            return
        for match in self._pattern.finditer(data):
            start = match.start()
            if not (self._begins_a_word and start and _WORD.match(data, start - 1)):
                yield match


class _Hinted:
    """A pattern that is tried before each hint only."""

    def __init__(self, sought: Sought) -> None:
        self._pattern = re.compile(sought.pattern.encode("latin-1"))
        self._hint = re.compile(sought.hint.encode())
        self._reach = sought.reach

    def matches(self, data: bytes, lowered: bytes) -> Iterator[re.Match[bytes]]:
        after = 0
        most = HINTS_PER_MATCH * most_matches(data)
        for tried, hint in enumerate(self._hint.finditer(lowered)):
            if tried > most:
                raise BudgetExceeded
            for start in range(max(after, hint.start() - self._reach), hint.start() + 1):
                match = self._pattern.match(data, start)
                if match:
                    after = match.end()
                    yield match
                    break
