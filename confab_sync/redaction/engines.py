"""The two engines that run patterns over bytes: google-re2, and `re` where there is no wheel.

RE2 is linear by construction. `re` is so because of how the patterns are written: possessive,
and with a bound on whatever may fail behind it. With either engine, a text with more matches
than its length allows is given up as a whole: matches are counted, not time, so the same
text always has the same fate.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from confab_sync.redaction.portable import needs_re2
from confab_sync.redaction.rule import without_possessives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MEMORY = 8 * 1024 * 1024
"""Bytes that one compiled pattern of RE2 may use."""

_BOUNDARY = r"\b"
_WORD = re.compile(rb"\w")

MATCHES_AT_LEAST = 4096
BYTES_PER_MATCH = 192
"""How many matches are looked at in one text: so many, and one more for each so many bytes."""

HINTS_PER_MATCH = 2
"""How many hints `re` follows for each match that is allowed."""


class BudgetExceeded(Exception):
    """A text costs more than its length allows. Never leaves the room."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A pattern, and what every text that it matches has in it when in lower case.

    That is one of `keywords`, or, where `hint` is given, something that it matches, at most
    `reach` bytes after the beginning.
    """

    pattern: str
    keywords: tuple[str, ...] = ()
    hint: str = ""
    reach: int = 0


class Matcher(Protocol):
    """Several patterns that are looked for together."""

    def matches(self, data: bytes) -> Iterator[tuple[int, Any]]:
        """Every match of every pattern, pattern by pattern: its number and the match."""


class Finder(Protocol):
    """Tells which lines deserve a closer look."""

    def lines(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where those lines of `data` start and end, without their newlines, in order."""


class Engine(Protocol):
    """A way to compile patterns."""

    name: str

    def matcher(self, patterns: Sequence[Sought]) -> Matcher:
        """Something that looks for all of `patterns`."""

    def finder(self, groups: Iterable[Iterable[str]]) -> Finder:
        """Triggers, in groups that are looked for separately."""

    def custom(self, pattern: str) -> Any:
        """A pattern of the user's, for bytes. Raises `ValueError` with the reason."""


def default_engine() -> Engine:
    """RE2 where it is installed, else `re`."""
    return Re2Engine() if importlib.util.find_spec("re2") else ReEngine()


class Re2Engine:
    """google-re2 on bytes."""

    name = "re2"

    def __init__(self) -> None:
        import re2

        self._re2: Any = re2

    def options(self) -> Any:
        """Bytes are bytes, memory is bounded, and nothing is written to stderr."""
        options = self._re2.Options()
        options.encoding = self._re2.Options.Encoding.LATIN1
        options.max_mem = MEMORY
        options.log_errors = False
        return options

    def matcher(self, patterns: Sequence[Sought]) -> Matcher:
        """A set that says which patterns match, and each pattern to say where."""
        which = self._re2.Set.SearchSet(self.options())
        compiled = []
        for sought in patterns:
            data = without_possessives(sought.pattern).encode("latin-1")
            which.Add(data)
            compiled.append(self._re2.compile(data, self.options()))
        which.Compile()
        return _Re2Matcher(which, compiled)

    def finder(self, groups: Iterable[Iterable[str]]) -> Finder:
        """One automaton for each group: a bigger one would be slower than several."""
        return _Re2Finder(
            [
                self._re2.compile(
                    "|".join(f"(?:{each})" for each in group).encode("latin-1"), options
                )
                for group in groups
                for options in (self.options(),)
            ]
        )

    def custom(self, pattern: str) -> Any:
        """The pattern in RE2's own syntax, over UTF-8."""
        options = self.options()
        options.encoding = self._re2.Options.Encoding.UTF8
        try:
            return self._re2.compile(pattern.encode(), options)
        except (self._re2.error, UnicodeEncodeError) as error:
            reason = error.args[0] if error.args else "not a regular expression"
            text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
            raise ValueError(text) from error


class _Re2Matcher:
    def __init__(self, which: Any, compiled: list[Any]) -> None:
        self._which = which
        self._compiled = compiled

    def matches(self, data: bytes) -> Iterator[tuple[int, Any]]:
        left = _most_matches(data)
        for number in sorted(self._which.Match(data) or ()):
            for match in self._compiled[number].finditer(data):
                left -= 1
                if left < 0:
                    raise BudgetExceeded
                yield number, match


def _most_matches(data: bytes) -> int:
    return MATCHES_AT_LEAST + len(data) // BYTES_PER_MATCH


class _Re2Finder:
    def __init__(self, compiled: list[Any]) -> None:
        self._compiled = compiled

    def lines(self, data: bytes) -> Iterator[tuple[int, int]]:
        hits = [-1] * len(self._compiled)
        start = 0
        while start < len(data):
            for number, compiled in enumerate(self._compiled):
                if hits[number] < start:
                    match = compiled.search(data, start)
                    hits[number] = match.start() if match else len(data)
            hit = min(hits)
            if hit == len(data):
                return
            start = data.rfind(b"\n", start, hit) + 1 or start
            end = data.find(b"\n", hit)
            end = len(data) if end < 0 else end
            yield start, end
            start = end + 1


class EveryLine:
    """The finder for when looking closely at once is no dearer."""

    def lines(self, data: bytes) -> Iterator[tuple[int, int]]:
        """All of the lines that are not empty."""
        start = 0
        while start < len(data):
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
            if start < end:
                yield start, end
            start = end + 1


class ReEngine:
    """The standard library's `re`, watched."""

    name = "re"

    def matcher(self, patterns: Sequence[Sought]) -> Matcher:
        """Each pattern is tried where one of its keywords stands."""
        return _ReMatcher(patterns)

    def finder(self, groups: Iterable[Iterable[str]]) -> Finder:
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
        left = _most_matches(data)
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
        most = HINTS_PER_MATCH * _most_matches(data)
        for tried, hint in enumerate(self._hint.finditer(lowered)):
            if tried > most:
                raise BudgetExceeded
            for start in range(max(after, hint.start() - self._reach), hint.start() + 1):
                match = self._pattern.match(data, start)
                if match:
                    after = match.end()
                    yield match
                    break
