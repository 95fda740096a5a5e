"""A conversation's outline: its turns with their times, the context they took, what came of them.

It grows line by line and stays small, so that a transcript of any length is read only once.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confab_sync import quickjson
from confab_sync.claude.conversation import (
    SPEAKING,
    Attachment,
    Text,
    ToolCall,
    ToolResult,
    read_entry,
)
from confab_sync.claude.deliveries import Deliveries, Delivery
from confab_sync.claude.markdown import one_line
from confab_sync.claude.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from confab_sync.claude.conversation import Block, Entry

MOST_TURNS = 3000
"""Turns that are told one by one; what comes after belongs to the last."""

MOST_POINTS = 800
"""Points of the context's curve; of more, every other one is dropped."""

MOST_DELIVERIES = 500
MOST_COMPACTIONS = 500
MOST_NAMES = 200
"""Different tools, and kinds of masked secrets, that are told apart; others are not counted."""

_PULL_REQUEST = b'"pr-link"'
_MASKED = re.compile(rb"\[REDACTED:([A-Z][A-Z0-9_]{0,40})\]")


@dataclass(slots=True)
class Turn:
    """From what a person said to just before the next time; `line` is where it begins.

    `output` counts tokens, `context` is what the model had before it at the last answer.
    """

    line: int
    text: str
    began: datetime | None = None
    ended: datetime | None = None
    tools: int = 0
    errors: int = 0
    output: int = 0
    context: int = 0

    @property
    def seconds(self) -> float:
        """How long it took, until the last line of it."""
        if self.began is None or self.ended is None:
            return 0.0
        return max(0.0, (self.ended - self.began).total_seconds())


@dataclass(frozen=True, slots=True)
class Point:
    """The context in tokens at an answer of the model; `line` is its line."""

    line: int
    context: int


@dataclass(slots=True)
class Outline:
    """What is known of the first `lines` lines."""

    lines: int = 0
    turns: list[Turn] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    compactions: list[int] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    tools: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    began: datetime | None = None
    ended: datetime | None = None
    _step: int = 1
    _answers: int = 0
    _delivered: Deliveries = field(default_factory=Deliveries)

    def add(self, lines: Iterable[bytes]) -> None:
        """Take in the next lines, which are whole and without their newlines."""
        for line in lines:
            self.lines += 1
            for kind in _MASKED.findall(line):
                _count_name(self.masked, kind.decode())
            if _PULL_REQUEST in line:
                self._link(line)
            elif any(mark in line for mark in SPEAKING):
                entry = read_entry(self.lines, line)
                if entry is not None and entry.blocks:
                    self._take(entry)

    def _take(self, entry: Entry) -> None:
        if entry.moment is not None:
            self.began = self.began or entry.moment
            self.ended = entry.moment
        if entry.role == "summary" and len(self.compactions) < MOST_COMPACTIONS:
            self.compactions.append(entry.line)
        if entry.role == "user" and not entry.hidden and len(self.turns) < MOST_TURNS:
            self.turns.append(Turn(entry.line, _said(entry), entry.moment))
        before = self.tally.output
        self.tally.count(entry)
        turn = self.turns[-1] if self.turns else None
        if turn is not None and not entry.hidden:
            turn.ended = entry.moment or turn.ended
            turn.output += self.tally.output - before
        if entry.role == "assistant" and entry.usage is not None and entry.usage.context:
            self._mark(Point(entry.line, entry.usage.context))
            if turn is not None:
                turn.context = entry.usage.context
        for block in entry.blocks:
            self._count(block, turn)
        for delivery in self._delivered.read(entry):
            self._deliver(delivery)

    def _count(self, block: Block, turn: Turn | None) -> None:
        if isinstance(block, ToolCall):
            _count_name(self.tools, block.name[:80])
        if turn is not None:
            turn.tools += isinstance(block, ToolCall)
            turn.errors += isinstance(block, ToolResult) and block.is_error

    def _mark(self, point: Point) -> None:
        """Keep a point of the curve; between kept ones the last of several counts."""
        if self.points and self.points[-1].context == point.context:
            return
        self._answers += 1
        if self.points and self._answers % self._step:
            self.points[-1] = point
            return
        self.points.append(point)
        if len(self.points) > MOST_POINTS:
            self.points = self.points[::2]
            self._step *= 2

    def _link(self, line: bytes) -> None:
        """A `pr-link` line, which Claude Code writes once it knows of a pull request."""
        try:
            row = quickjson.loads(line.decode("utf-8", "replace"))
        except ValueError:
            return
        if not isinstance(row, dict) or row.get("type") != "pr-link":
            return
        url, number = row.get("prUrl"), row.get("prNumber")
        if isinstance(url, str) and isinstance(number, int | str):
            self._deliver(Delivery(self.lines, "pull request", f"#{number}", url=url))

    def _deliver(self, delivery: Delivery) -> None:
        key = (delivery.kind, delivery.url or delivery.name)
        known = {(each.kind, each.url or each.name) for each in self.deliveries}
        if key not in known and len(self.deliveries) < MOST_DELIVERIES:
            self.deliveries.append(delivery)


def _count_name(counts: Counter[str], name: str) -> None:
    if name in counts or len(counts) < MOST_NAMES:
        counts[name] += 1


def _said(entry: Entry) -> str:
    for block in entry.blocks:
        if isinstance(block, Text):
            return one_line(block.text)
    return "(attachment)" if any(isinstance(b, Attachment) for b in entry.blocks) else ""
