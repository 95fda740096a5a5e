"""What a session used in each quarter of an hour: turns, and the tokens of each model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from confab_sync import quickjson
from confab_sync.claude.conversation import read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from confab_sync.claude.conversation import Entry

_ANSWER = b'"usage"'
_TYPED = b'"user"'
_RESULT = b'"tool_result"'

INPUT, WRITTEN, READ, OUTPUT = range(4)
"""Places in a model's tokens: sent anew, written to the cache, read from it, answered."""


@dataclass(slots=True)
class Usage:
    """Counts that grow line by line, so that what is counted once need not be read again.

    `tokens` are by quarter and model the four numbers above; `turns` are what the user typed, by
    quarter. A quarter is that of an hour in UTC, by its beginning (`2026-01-31T10:45`): of them
    the days of every time zone can be put together. `context` are the tokens before the `model`
    at its last answer. The tokens of one answer are counted once, although several lines tell
    them.
    """

    turns: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    context: int = 0
    model: str = ""
    quarter: str = ""
    """That of the last line that told one: lines without a time are of the same."""
    answer: str = ""
    """The answer that was counted last, with the output tokens counted for it."""
    answer_output: int = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Count what these lines tell; those that tell nothing are not parsed."""
        for line in lines:
            if _ANSWER in line or (_TYPED in line and _RESULT not in line):
                entry = read_entry(0, line)
                if entry is not None and not entry.hidden:
                    self._add(entry)

    def _add(self, entry: Entry) -> None:
        if entry.moment is not None:
            self.quarter = _quarter(entry.moment)
        if entry.role == "user" and entry.blocks:
            self.turns[self.quarter] = self.turns.get(self.quarter, 0) + 1
        if entry.role != "assistant" or entry.usage is None or not entry.usage.context:
            return  # what Claude Code says in the model's place costs nothing
        counts = self.tokens.setdefault(self.quarter, {}).setdefault(entry.model, [0, 0, 0, 0])
        if not entry.message_id or entry.message_id != self.answer:
            counts[INPUT] += entry.usage.input
            counts[WRITTEN] += entry.usage.cache_creation
            counts[READ] += entry.usage.cache_read
            self.answer, self.answer_output = entry.message_id, 0
        counts[OUTPUT] += max(0, entry.usage.output - self.answer_output)
        self.answer_output = max(self.answer_output, entry.usage.output)
        self.context, self.model = entry.usage.context, entry.model

    def to_json(self) -> str:
        """The counts as they are kept."""
        return quickjson.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Usage:
        """Kept counts; empty ones for what is none."""
        try:
            known: dict[str, Any] = quickjson.loads(text)
            return cls(**known)
        except (ValueError, TypeError):
            return cls()


def _quarter(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute // 15 * 15, tzinfo=None).isoformat(timespec="minutes")
