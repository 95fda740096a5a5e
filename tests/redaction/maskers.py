"""Maskers to try things on, one for each engine."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from confab_sync.redaction.configured import build, masker_from
from confab_sync.redaction.engine import Engine, EveryLine, Sought
from confab_sync.redaction.masker import Masker
from confab_sync.redaction.re2_engine import Re2Engine
from confab_sync.redaction.re_engine import ReEngine
from confab_sync.redaction.rules import RULES
from confab_sync.redaction.scanner import Scanner

ENGINES = ("re2", "re")


def engine(name: str) -> Engine:
    """The engine of that name; the test is skipped where google-re2 is not installed."""
    if name == "re":
        return ReEngine()
    pytest.importorskip("re2")
    return Re2Engine()


@functools.cache
def masker(name: str) -> Masker:
    """The default masker on that engine."""
    return build(engine(name), ())


@functools.cache
def thorough(name: str) -> Masker:
    """The same without passing over any line."""
    return Masker(Scanner(engine(name), RULES, (), by_name=True), EveryLine())


def custom(name: str, *patterns: dict[str, object], defaults: bool = False) -> Masker:
    """A masker with patterns of the user's, with the default rules or without."""
    stated = {"use_default_patterns": defaults, "patterns": list(patterns)}
    made = masker_from(stated, engine=engine(name))
    assert made is not None
    return made


@dataclass
class Work:
    """What maskers built on a `CountingEngine` have done."""

    bytes_read: int = 0
    matches: int = 0


@dataclass
class CountingEngine:
    """An engine that counts what goes through it."""

    inner: Engine
    work: Work = field(default_factory=Work)
    name: str = "counting"

    def matcher(self, patterns: Sequence[Sought]) -> CountingMatcher:
        return CountingMatcher(self.inner.matcher(patterns), self.work)

    def finder(self, groups: Any, openings: Any = ()) -> EveryLine:
        return EveryLine()

    def custom(self, pattern: str) -> Any:
        return self.inner.custom(pattern)


@dataclass
class CountingMatcher:
    """A matcher that counts the bytes it is given and the matches it gives."""

    inner: Any
    work: Work

    def matches(self, data: bytes) -> Iterator[tuple[int, Any]]:
        self.work.bytes_read += len(data)
        for each in self.inner.matches(data):
            self.work.matches += 1
            yield each
