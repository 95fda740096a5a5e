"""Turns lines of a transcript into what the templates show, bounded in size and harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.conversation import (
    Attachment,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    read_entry,
)
from confab_sync.claude.markdown import NAMES, one_line
from confab_sync.claude.models import short_name
from confab_sync.claude.pictures import pictures
from confab_sync.claude.visible import visible
from confab_sync.server.transcript.calls import given, told
from confab_sync.server.transcript.parts import Part, Said
from confab_sync.server.transcript.texts import (
    LONGEST_FOLDED,
    LONGEST_TEXT,
    SAID,
    TYPED,
    Texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set
    from datetime import datetime

    from confab_sync.claude.conversation import Block, Entry
    from confab_sync.claude.pictures import Picture
    from confab_sync.server.transcript.addresses import Addresses
    from confab_sync.server.transcript.lines import Line

MOST_BLOCKS = 1_000
"""Blocks of one line that are shown."""


class Speech:
    """Reads lines in their order; remembers who spoke and which tools were called."""

    def __init__(
        self, addresses: Addresses, agents: Set[str] = frozenset(), prefix: str = "L"
    ) -> None:
        """`agents` are the subagents whose transcripts there are; `prefix` begins all anchors."""
        self._addresses = addresses
        self._agents = agents
        self._prefix = prefix
        self._speaker = ""
        self._calls: dict[str, tuple[Part, datetime | None]] = {}
        self._pictured = (0, 0)
        self._texts = Texts(addresses)

    def read(self, lines: Iterable[Line]) -> list[Said]:
        """What is said in these lines. A result stands with its call, if that is here."""
        calls = self._calls = {}
        self._texts.begin()
        said = [each for line in lines for each in self._line(line)]
        for each in said:
            each.parts = [part for part in each.parts if not _moved(part, calls)]
        return [each for each in said if each.parts]

    def _line(self, line: Line) -> Iterator[Said]:
        if line.data is None:
            part = Part("note", line.number, size=line.size)
            yield self._said(line.number, "system", None, "", False, [part])
            return
        entry = read_entry(line.number, line.data)
        if entry is None or not entry.blocks:
            return
        shown = iter(pictures(line.data) if _has_pictures(entry) else ())
        parts = [
            part
            for number, block in enumerate(entry.blocks[:MOST_BLOCKS])
            for part in self._block(entry, number, block, shown)
        ]
        if len(entry.blocks) > MOST_BLOCKS:
            parts.append(Part("note", entry.line, size=line.size))
        if parts:
            yield self._said(entry.line, entry.role, entry.moment, entry.model, entry.hidden, parts)

    def _said(
        self,
        line: int,
        role: str,
        moment: datetime | None,
        model: str,
        is_hidden: bool,
        parts: list[Part],
    ) -> Said:
        speaker = "assistant" if role == "tool" else role
        goes_on = speaker == self._speaker and not is_hidden
        self._speaker = "" if is_hidden else speaker
        anchor = f"{self._prefix}{line}"
        for part in parts:
            part.anchor = part.anchor or anchor
        return Said(
            line,
            anchor,
            speaker,
            NAMES.get(speaker, speaker),
            moment,
            visible(short_name(model)),
            goes_on,
            is_hidden,
            self._addresses.raw(line),
            parts,
        )

    def _block(
        self, entry: Entry, number: int, block: Block, shown: Iterator[Picture | None]
    ) -> Iterator[Part]:
        if isinstance(block, Text):
            yield self._text(entry, number, block.text)
        elif isinstance(block, Thinking) and block.text:
            part = Part("thinking", entry.line, told=visible(one_line(block.text)))
            yield self._texts.cut(part, number, block.text, LONGEST_FOLDED, SAID)
        elif isinstance(block, ToolCall):
            part = self._call(entry, number, block)
            self._calls[block.id] = part, entry.moment
            yield part
        elif isinstance(block, ToolResult):
            yield self._result(entry, number, block, shown)
        elif isinstance(block, Attachment):
            yield self._picture(entry, block, shown)

    def _text(self, entry: Entry, number: int, text: str) -> Part:
        markup = TYPED if entry.role == "user" else SAID
        part = Part("text", entry.line, told=visible(one_line(text)))
        longest = LONGEST_FOLDED if entry.hidden or entry.role == "summary" else LONGEST_TEXT
        return self._texts.cut(part, number, text, longest, markup)

    def _call(self, entry: Entry, number: int, call: ToolCall) -> Part:
        what = given(call)
        part = Part(
            "call",
            entry.line,
            name=visible(call.name[:80]),
            told=visible(told(call)),
            call_id=call.id[:200],
        )
        if what.is_prose:
            return self._texts.cut(part, number, what.text, LONGEST_FOLDED, SAID)
        return self._texts.code(part, number, what)

    def _result(
        self, entry: Entry, number: int, result: ToolResult, shown: Iterator[Picture | None]
    ) -> Part:
        part = Part(
            "result",
            entry.line,
            told=visible(one_line(result.text)),
            lines=result.text.rstrip("\n").count("\n") + 1 if result.text else 0,
            is_error=result.is_error,
            call_id=result.call_id[:200],
        )
        call, asked = self._calls.get(result.call_id, (None, None))
        if call is not None and asked is not None and entry.moment is not None:
            call.seconds = max(0.0, (entry.moment - asked).total_seconds())
        if result.agent_id in self._agents:
            part.agent = visible(result.agent_id)
            part.agent_page = self._addresses.agent(result.agent_id)
            part.agent_lines = self._addresses.part("branch", agent=result.agent_id)
        self._texts.cut(part, number, result.text, LONGEST_FOLDED, SAID if part.agent else None)
        part.pictures = [
            self._picture(entry, attachment, shown) for attachment in result.attachments
        ]
        return part

    def _picture(self, entry: Entry, given: Attachment, shown: Iterator[Picture | None]) -> Part:
        # Attachments and pictures come in the same order, so their places are the same.
        place, picture = self._place(entry.line), next(shown, None)
        part = Part(
            "picture",
            entry.line,
            name=visible(given.media_type[:60]) or "attachment",
            size=given.size * 3 // 4,
        )
        if picture is not None:
            part.address = self._addresses.picture(entry.line, place)
            part.width, part.height = picture.width, picture.height
        return part

    def _place(self, line: int) -> int:
        """Which attachment of its line this is, from 0."""
        known, number = self._pictured
        place = number if known == line else 0
        self._pictured = (line, place + 1)
        return place


def _has_pictures(entry: Entry) -> bool:
    return any(
        isinstance(block, Attachment) or (isinstance(block, ToolResult) and block.attachments)
        for block in entry.blocks
    )


def _moved(part: Part, calls: dict[str, tuple[Part, datetime | None]]) -> bool:
    """Put a result to the call it belongs to, if that is on the same part of the page."""
    if part.kind != "result" or part.call_id not in calls:
        return False
    calls[part.call_id][0].results.append(part)
    return True
