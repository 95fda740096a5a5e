"""The texts of a transcript in which a person may look for a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confab_sync.claude.conversation import Text, Thinking, ToolCall, ToolResult, entries
from confab_sync.claude.layout import AGENT, TRANSCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from confab_sync.claude.conversation import Block, Entry

    Found = tuple[int, str, str | None, str]
    """The line (1-based), who said it, when (RFC 3339), what."""


def passages(kind: str, lines: Iterable[bytes], first_line: int = 1) -> Iterator[Found]:
    """What was said in these lines of a file of `kind`; the first has the number `first_line`.

    What Claude Code says itself in everybody's session (reminders, caveats) is left out: it
    would be found everywhere.
    """
    if kind not in (TRANSCRIPT, AGENT):
        return
    for entry in entries(lines, first_line):
        if not entry.hidden:
            yield from _of(entry)


def _of(entry: Entry) -> Iterator[Found]:
    moment = entry.moment.isoformat() if entry.moment else None
    for block in entry.blocks:
        text = _text(block)
        if text:
            yield entry.line, entry.role, moment, text


def _text(block: Block) -> str:
    if isinstance(block, (Text, Thinking, ToolResult)):
        return block.text
    if isinstance(block, ToolCall):
        return "\n".join([block.name, *_strings(block.input)])
    return ""


def _strings(value: Any) -> Iterator[str]:
    """Every string in what was handed to a tool: commands, paths, new contents of files."""
    rest = [value]  # no recursion: JSON may be nested deeper than Python calls
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            rest.extend(reversed(value.values()))
        elif isinstance(value, list):
            rest.extend(reversed(value))
