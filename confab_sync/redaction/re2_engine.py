"""google-re2 as an engine: linear by construction."""

from __future__ import annotations

from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

from confab_sync.redaction.engine import BudgetExceeded, most_matches
from confab_sync.redaction.opened import Opened
from confab_sync.redaction.rule import without_possessives
from confab_sync.redaction.spots import FEW, Spots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from confab_sync.redaction.engine import Finder, Matcher, Sought

MEMORY = 16 * 1024 * 1024
"""Bytes that one compiled pattern may use; only text full of beginnings needs more than a few."""


class Re2Engine:
    """google-re2 on bytes."""

    name = "re2"

    def __init__(self) -> None:
        import re2

        self._re2: Any = re2
        self._made: dict[str, Any] = {}

    def options(self) -> Any:
        """Bytes are bytes, memory is bounded, and nothing is written to stderr."""
        options = self._re2.Options()
        options.encoding = self._re2.Options.Encoding.LATIN1
        options.max_mem = MEMORY
        options.log_errors = False
        return options

    def matcher(self, patterns: Sequence[Sought]) -> Matcher:
        """Sets that say which patterns may match, and each pattern to say where."""
        linear = [without_possessives(sought.pattern) for sought in patterns]
        spots = Spots(patterns, self._compiled, self._which)
        elsewhere = sorted(set(range(len(patterns))) - set(spots.numbers))
        which = self._which(linear[number] for number in elsewhere)
        return _Re2Matcher(linear, self._when_needed, spots, which, elsewhere)

    def _compiled(self, pattern: str) -> Any:
        return self._re2.compile(pattern.encode("latin-1"), self.options())

    def _when_needed(self, pattern: str) -> Any:
        """Compiled once, by whoever first needs it: most texts need few of all patterns."""
        made = self._made.get(pattern)
        if made is None:
            made = self._made[pattern] = self._compiled(pattern)
        return made

    def _which(self, patterns: Iterable[str]) -> Any:
        found = self._re2.Set.SearchSet(self.options())
        for each in patterns:
            found.Add(each.encode("latin-1"))
        found.Compile()
        return found

    def finder(self, groups: Iterable[Iterable[str]], openings: Iterable[str] = ()) -> Finder:
        """One automaton for everything, and one for each group behind it if there are openings."""
        first, *others = (tuple(group) for group in groups)
        rest = [each for group in others for each in group]
        if not (begun := tuple(openings)):
            return _Re2Finder(self._any_of((*first, *rest)))
        whole = [self._any_of(group) for group in (first, *others)]
        return _Re2Finder(Opened(self._any_of((*begun, *rest)), whole))

    def _any_of(self, patterns: Iterable[str]) -> Any:
        """In order, so that RE2 keeps once in a state what several patterns begin with."""
        options = self.options()
        options.never_capture = True
        alternation = "|".join(f"(?:{each})" for each in sorted(patterns))
        return self._re2.compile(alternation.encode("latin-1"), options)

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
    """Looks for the patterns that `spots` knows where one may begin, and for those `elsewhere`.

    One set of all patterns would have to count too much at a time: its states take longer to
    make than most texts to read, and where many kinds of keys begin it needs one for each byte.
    """

    def __init__(
        self,
        patterns: Sequence[str],
        compiled: Callable[[str], Any],
        spots: Spots,
        which: Any,
        elsewhere: Sequence[int],
    ) -> None:
        self._patterns = patterns
        self._compiled = compiled
        self._spots = spots
        self._which = which
        self._elsewhere = elsewhere

    def matches(self, data: bytes) -> Sequence[tuple[int, Any]]:
        """What the patterns find that may match, each by itself.

        Where many kinds of keys seem to begin, each pattern is tried in the places where it may.
        """
        kinds = self._spots.kinds(data)
        crowd = self._spots.crowd(data) if len(kinds) > FEW else []
        if not crowd:
            others = (self._elsewhere[place] for place in self._which.Match(data) or ())
            return self._found(data, sorted([*kinds, *others]), [])
        tried: list[tuple[int, Any]] = []
        after = [0] * len(self._patterns)
        for number, start in crowd:
            if start >= after[number]:
                match = self._compiled(self._patterns[number]).match(data, start)
                if match is not None:
                    after[number] = match.end()
                    tried.append((number, match))
        return self._found(data, self._elsewhere, tried)

    def _found(
        self, data: bytes, numbers: Sequence[int], found: list[tuple[int, Any]]
    ) -> Sequence[tuple[int, Any]]:
        """What was `found`, and all matches of the patterns with these `numbers`, in order."""
        most = most_matches(data)
        for number in numbers:
            more = self._compiled(self._patterns[number]).finditer(data)
            found += zip(repeat(number), islice(more, max(0, most - len(found)) + 1))
            if len(found) > most:
                raise BudgetExceeded
        found.sort(key=lambda each: each[0])
        return found


class _Re2Finder:
    def __init__(self, seeker: Any) -> None:
        self._seeker = seeker

    def lines(
        self, data: bytes, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[int, int]]:
        stop = len(data) if stop is None else stop
        while start < stop:
            match = self._seeker.search(data, start, stop)
            if match is None:
                return
            start = data.rfind(b"\n", start, match.start()) + 1 or start
            end = data.find(b"\n", match.start(), stop)
            end = stop if end < 0 else end
            yield start, end
            start = end + 1
