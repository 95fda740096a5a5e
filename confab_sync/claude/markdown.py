"""A conversation as Markdown that a person reads.

What was said stands as it is; what tools were given and gave back is folded to a line each,
or unfolded into fences.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude.conversation import Attachment, Text, Thinking, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from confab_sync.claude.conversation import Block, Entry

NAMES: Mapping[str, str] = {
    "user": "You",
    "assistant": "Claude",
    "system": "Claude Code",
    "summary": "Summary",
}
_TELLING = ("command", "file_path", "path", "pattern", "query", "url", "description", "prompt")
"""What of a tool's input says most in one line, the most telling first."""

LONGEST_LINE = 120
"""Characters of a folded line."""


@dataclass(frozen=True, slots=True)
class Style:
    """What is shown: tools and thoughts unfolded or not, lines that nobody typed or not."""

    tools: bool = False
    thinking: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """What is said of a session above its conversation."""

    external_id: str
    title: str
    project: str
    branch: str


class MarkdownWriter:
    """Writes entries one after the other; a heading stands where the speaker changes."""

    def __init__(self, style: Style, level: int = 2) -> None:
        """`level` is that of the headings: 2 for the session itself, more for subagents."""
        self._style = style
        self._heading = "#" * level
        self._speaker = ""
        self._calls: dict[str, ToolCall] = {}

    def write(self, entry: Entry) -> Iterator[str]:
        """The entry's paragraphs, each without blank lines around it."""
        if entry.hidden and not self._style.hidden:
            return
        parts = [part for block in entry.blocks for part in self._block(block)]
        if not parts:
            return
        speaker = NAMES.get(entry.role, "")
        if speaker and speaker != self._speaker:  # what tools gave back belongs to the answer
            self._speaker = speaker
            yield self._title(entry, speaker)
        yield from parts

    def _title(self, entry: Entry, speaker: str) -> str:
        moment = f" · {entry.moment.astimezone():%Y-%m-%d %H:%M}" if entry.moment else ""
        model = f" · {entry.model}" if entry.model and speaker == NAMES["assistant"] else ""
        return f"{self._heading} {speaker}{moment}{model}"

    def _block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Text):
            yield block.text.strip("\n")
        elif isinstance(block, Thinking):
            if self._style.thinking and block.text:
                yield "\n".join(f"> {line}" for line in block.text.strip().split("\n"))
        elif isinstance(block, ToolCall):
            self._calls[block.id] = block
            yield from self._call(block)
        elif isinstance(block, ToolResult):
            yield from self._result(block)
        elif isinstance(block, Attachment):
            yield f"*[{block.media_type or 'attachment'}, {block.size * 3 // 4:,} bytes]*"

    def _call(self, call: ToolCall) -> Iterator[str]:
        told = one_line(summary(call.input))
        yield f"- **{call.name}**" + (f" {code(told)}" if told else "")
        if self._style.tools and call.input:
            yield fenced(json.dumps(call.input, indent=2, ensure_ascii=False), "json")

    def _result(self, result: ToolResult) -> Iterator[str]:
        if self._style.tools:
            yield fenced(result.text.strip("\n"))
        elif result.is_error:
            yield f"  - failed: {code(one_line(result.text))}"


def summary(given: Mapping[str, object]) -> str:
    """What a tool was asked to do, as far as one of its inputs tells."""
    for name in _TELLING:
        value = given.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def one_line(text: str) -> str:
    """The first line of a text that says anything, cut to fit on one."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return first if len(first) <= LONGEST_LINE else first[: LONGEST_LINE - 1] + "…"


def code(text: str) -> str:
    """`text` as inline code, whatever backticks are in it (CommonMark 6.1)."""
    ticks = "`" * (longest_run(text) + 1)
    blank = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{blank}{text}{blank}{ticks}"


def fenced(text: str, language: str = "") -> str:
    """`text` as a code block, whatever backticks are in it (CommonMark 4.5)."""
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def document(entries: Iterable[Entry], style: Style, level: int = 2) -> Iterator[str]:
    """The paragraphs of a whole conversation."""
    writer = MarkdownWriter(style, level)
    for entry in entries:
        yield from writer.write(entry)


def title(heading: Heading) -> Iterator[str]:
    """What stands above a conversation, as Markdown."""
    yield f"# {one_line(heading.title) or heading.external_id}"
    branch = f" on {code(heading.branch)}" if heading.branch else ""
    place = f" in {code(heading.project)}{branch}" if heading.project else ""
    yield f"Session {heading.external_id}{place}"
