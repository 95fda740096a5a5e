"""The two engines that run patterns over bytes: google-re2, and `re` where there is no wheel.

RE2 is linear by construction. `re` is not: its patterns keep their possessive quantifiers,
every attempt begins at a keyword and is charged, and a text that costs more than its
length allows is given up as a whole. The charge counts bytes, not time, so the same text
always has the same fate.
"""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING, Any, Protocol

from confab_sync.redaction.portable import needs_re2
from confab_sync.redaction.rule import without_possessives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MEMORY = 8 * 1024 * 1024
"""Bytes that one compiled pattern of RE2 may use."""

CHARGE_PER_BYTE = 64
CHARGE_AT_LEAST = 1 << 20


class BudgetExceeded(Exception):
    """A text costs more than its length allows. Never leaves the room."""


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

    def matcher(self, patterns: Sequence[tuple[str, tuple[str, ...]]]) -> Matcher:
        """Patterns, each with the lower-case keywords that its matches begin with."""

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

    def matcher(self, patterns: Sequence[tuple[str, tuple[str, ...]]]) -> Matcher:
        """A set that says which patterns match, and each pattern to say where."""
        which = self._re2.Set.SearchSet(self.options())
        compiled = []
        for pattern, _ in patterns:
            data = without_possessives(pattern).encode("latin-1")
            which.Add(data)
            compiled.append(self._re2.compile(data, self.options()))
        which.Compile()
        return _Re2Matcher(which, compiled)

    def finder(self, groups: Iterable[Iterable[str]]) -> Finder:
        """One automaton for each group: a bigger one would be slower than several."""
        return _Re2Finder(
            [
                self._re2.compile("|".join(f"(?:{each})" for each in group).encode("latin-1"), options)
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
        for number in sorted(self._which.Match(data) or ()):
            for match in self._compiled[number].finditer(data):
                yield number, match


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

    def matcher(self, patterns: Sequence[tuple[str, tuple[str, ...]]]) -> Matcher:
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
    _RUN = re.compile(rb"[^\s\"\x00]*+")

    def __init__(self, patterns: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self._patterns = [
            (
                re.compile(pattern.encode("latin-1")),
                re.compile(b"(?i)(?=%s)" % b"|".join(re.escape(k.encode()) for k in keywords)),
                tuple(keyword.encode() for keyword in keywords),
            )
            for pattern, keywords in patterns
        ]

    def matches(self, data: bytes) -> Iterator[tuple[int, Any]]:
        left = CHARGE_AT_LEAST + CHARGE_PER_BYTE * len(data)
        lowered = data.lower()
        for number, (pattern, head, keywords) in enumerate(self._patterns):
            if not any(keyword in lowered for keyword in keywords):
                continue
            after = 0
            for start in (found.start() for found in head.finditer(data)):
                if start < after:
                    continue
                match = pattern.match(data, start)
                if match:
                    after = max(match.end(), start + 1)
                    left -= match.end() - start + 1
                    yield number, match
                else:
                    run = self._RUN.match(data, start)
                    left -= (run.end() - start if run else 0) + 1
                if left < 0:
                    raise BudgetExceeded
