"""What a session's conversation adds up to: turns, tokens, models, how full the context is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from confab_sync import quickjson
from confab_sync.claude.conversation import read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.claude.conversation import Entry

_ANSWER = b'"usage"'
_TYPED = b'"user"'
_RESULT = b'"tool_result"'


@dataclass(slots=True)
class Tally:
    """Counts that grow line by line, so that what is counted once need not be read again.

    `context` are the tokens before the model at its last answer. The tokens of one answer are
    counted once, although several lines tell them.
    """

    turns: int = 0
    input: int = 0
    output: int = 0
    context: int = 0
    model: str = ""
    answer: str = ""
    """The answer that was counted last, with the output tokens counted for it."""
    answer_output: int = 0
    models: dict[str, int] = field(default_factory=dict)

    def add(self, lines: Iterable[bytes]) -> None:
        """Count what these lines of a transcript tell; those that tell nothing are not parsed."""
        for line in lines:
            if _ANSWER in line or (_TYPED in line and _RESULT not in line):
                entry = read_entry(0, line)
                if entry is not None:
                    self.count(entry)

    def count(self, entry: Entry) -> None:
        """Count what one line of the conversation tells."""
        if entry.hidden:
            return
        if entry.role == "user" and entry.blocks:
            self.turns += 1
        if entry.usage is None or entry.role != "assistant":
            return
        is_new = not entry.message_id or entry.message_id != self.answer
        if is_new:
            self.input += entry.usage.context
            self.answer_output = 0
            self.answer = entry.message_id
        self.output += max(0, entry.usage.output - self.answer_output)
        self.answer_output = max(self.answer_output, entry.usage.output)
        if entry.usage.context:  # what Claude Code says in the model's place costs nothing
            self.context = entry.usage.context
            self.model = entry.model
            self.models[entry.model] = self.models.get(entry.model, 0) + is_new

    def to_json(self) -> str:
        """The tally as it is kept."""
        return quickjson.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """A kept tally; an empty one for what is none."""
        try:
            known: dict[str, Any] = quickjson.loads(text)
            return cls(**known)
        except (ValueError, TypeError):
            return cls()
