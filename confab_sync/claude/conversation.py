"""A transcript's lines as a conversation: who said what, when, and with which tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from confab_sync import quickjson
from confab_sync.claude.metadata import was_typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Role = Literal["user", "assistant", "tool", "system", "summary"]
"""`tool` are results of tools, `system` what Claude Code says itself, `summary` a compaction."""

SPEAKING = (b'"user"', b'"assistant"', b'"system"', b'"summary"')
"""One of these is in each line that belongs to the conversation."""


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody said."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """What the model thought before it spoke; empty when the transcript keeps it encrypted."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model asked for, with what it handed over."""

    id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or document; `size` is that of its base64 text in bytes."""

    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back for the call of this id."""

    call_id: str
    text: str
    is_error: bool = False
    agent_id: str = ""
    """The subagent that did the work, if one did."""
    attachments: tuple[Attachment, ...] = ()


MOST_TOKENS = 10**12
"""A larger count is not one: it would be too large for a page to draw."""

Block = Text | Thinking | ToolCall | ToolResult | Attachment


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one answer, as the model's provider counted them."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_creation: int = 0

    @property
    def context(self) -> int:
        """The tokens that the model had before it when it answered."""
        return self.input + self.cache_read + self.cache_creation


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that belongs to the conversation.

    `line` is its number in the file (1-based). An answer of the model is spread over several
    lines that share a `message_id`. A line is `hidden` when nobody typed it: a command's
    output, a reminder, the caveats of Claude Code.
    """

    line: int
    role: Role
    blocks: tuple[Block, ...]
    moment: datetime | None = None
    model: str = ""
    message_id: str = ""
    usage: Usage | None = None
    hidden: bool = False


def entries(lines: Iterable[bytes], first_line: int = 1) -> Iterator[Entry]:
    """The conversation in `lines`, in their order; `first_line` is the number of the first.

    Lines that are torn, are no JSON objects or do not belong to the conversation are passed
    over.
    """
    for number, line in enumerate(lines, first_line):
        if any(mark in line for mark in SPEAKING):
            entry = read_entry(number, line)
            if entry is not None and entry.blocks:
                yield entry


def called_agents(entry: Entry) -> Iterator[str]:
    """The subagents whose results are in `entry`."""
    for block in entry.blocks:
        if isinstance(block, ToolResult) and block.agent_id:
            yield block.agent_id


def read_entry(number: int, line: bytes) -> Entry | None:
    """What one line says, `number` being its own (1-based); None if it is not conversation."""
    try:
        row = quickjson.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    kind = row.get("type")
    moment = _moment(row.get("timestamp"))
    if kind == "summary":
        return Entry(number, "summary", _texts(row.get("summary")), moment)
    if kind == "system":
        return Entry(number, "system", _texts(row.get("content")), moment, hidden=True)
    message = row.get("message")
    if kind not in ("user", "assistant") or not isinstance(message, dict):
        return None
    return _spoken(number, kind, row, message, moment)


def _spoken(
    number: int, kind: str, row: dict[str, Any], message: dict[str, Any], moment: datetime | None
) -> Entry:
    blocks = tuple(_blocks(message.get("content"), _agent(row)))
    if kind == "assistant":
        return Entry(
            number,
            "assistant",
            blocks,
            moment,
            model=_string(message.get("model")),
            message_id=_string(message.get("id")),
            usage=_usage(message.get("usage")),
        )
    if any(isinstance(block, ToolResult) for block in blocks):
        return Entry(number, "tool", blocks, moment)
    if row.get("isCompactSummary"):
        return Entry(number, "summary", blocks, moment)
    hidden = bool(row.get("isMeta")) or not any(
        isinstance(block, Attachment) or (isinstance(block, Text) and was_typed(block.text))
        for block in blocks
    )
    return Entry(number, "user", blocks, moment, hidden=hidden)


def _blocks(content: object, agent_id: str) -> Iterator[Block]:
    if isinstance(content, str):
        yield from _texts(content)
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            yield from _block(block, agent_id)


def _block(block: dict[str, Any], agent_id: str) -> Iterator[Block]:
    kind = block.get("type")
    if kind == "text":
        yield from _texts(block.get("text"))
    elif kind in ("thinking", "redacted_thinking"):
        yield Thinking(_string(block.get("thinking")))
    elif kind == "tool_use":
        given = block.get("input")
        yield ToolCall(
            _string(block.get("id")),
            _string(block.get("name")),
            given if isinstance(given, dict) else {},
        )
    elif kind == "tool_result":
        yield ToolResult(
            _string(block.get("tool_use_id")),
            _result_text(block.get("content")),
            block.get("is_error") is True,
            agent_id,
            tuple(_attachment(source) for source in sources(block.get("content"))),
        )
    else:
        yield from map(_attachment, sources([block]))


def sources(content: object) -> Iterator[dict[str, Any]]:
    """Where the pictures and documents of a message, or of a tool's result, come from."""
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") in ("image", "document"):
            source = block.get("source")
            if isinstance(source, dict):
                yield source


def _attachment(source: dict[str, Any]) -> Attachment:
    return Attachment(_string(source.get("media_type")), len(_string(source.get("data"))))


def _result_text(content: object) -> str:
    """The text of a tool's result; pictures in it are named only."""
    if isinstance(content, str):
        return content
    parts = []
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            kind = block.get("type")
            parts.append(_string(block.get("text")) if kind == "text" else f"[{kind}]")
    return "\n".join(parts)


def _agent(row: dict[str, Any]) -> str:
    """The subagent whose result a line holds (behaviour sheet §7)."""
    result = row.get("toolUseResult")
    return _string(result.get("agentId")) if isinstance(result, dict) else ""


def _usage(value: object) -> Usage | None:
    if not isinstance(value, dict):
        return None
    return Usage(
        _count(value.get("input_tokens")),
        _count(value.get("output_tokens")),
        _count(value.get("cache_read_input_tokens")),
        _count(value.get("cache_creation_input_tokens")),
    )


def _texts(value: object) -> tuple[Text, ...]:
    return (Text(value),) if isinstance(value, str) and value.strip() else ()


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < MOST_TOKENS else 0


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_string(value))
    except ValueError:
        return None
    # The first and the last year have moments that no other time zone can tell.
    return moment if moment.tzinfo is not None and 1 < moment.year < 9999 else None
