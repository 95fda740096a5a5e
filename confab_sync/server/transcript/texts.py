"""Texts in the parts of a page: how much of each, as which markup, and the way to the rest."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup as Safe

from confab_sync.claude.conversation import Text, Thinking, ToolCall, ToolResult, read_entry
from confab_sync.claude.highlighting import highlighted, highlighted_file
from confab_sync.claude.markup import Markup
from confab_sync.claude.visible import visible
from confab_sync.server.transcript.calls import given

if TYPE_CHECKING:
    from confab_sync.server.transcript.addresses import Addresses
    from confab_sync.server.transcript.calls import Given
    from confab_sync.server.transcript.parts import Part

LONGEST_TEXT = 16_000
"""Characters of a text that are shown at once; the rest is fetched by whoever wants it."""

LONGEST_FOLDED = 5_000
"""Characters of what is folded."""

MOST_MARKED = 400_000
"""Characters of which markup is made in one reading: of more only in a single long line."""

SAID = Markup(highlighted)
TYPED = Markup(highlighted, breaks=True)


class Texts:
    """Remembers how much was made into markup, which ends somewhere."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._marked = 0

    def begin(self) -> None:
        """A reading begins, with all of its markup before it."""
        self._marked = 0

    def cut(self, part: Part, number: int, text: str, longest: int, markup: Markup | None) -> Part:
        """Put the beginning of a text, which is block `number` of its line, into a part."""
        part.size = len(text)
        beginning = text[:longest]
        if len(text) > longest:
            part.rest = self._addresses.block(part.line, number, longest)
        self._marked += len(beginning)
        # Half of a Markdown text may be another one.
        if len(text) > LONGEST_TEXT or markup is None or self._marked > MOST_MARKED:
            html = f"<pre>{escape(visible(beginning))}</pre>" if beginning else ""
        else:
            html = markup.html(beginning)
        part.html = Safe(html)  # noqa: S704 - `Markup` or `escape` made it
        return part

    def code(self, part: Part, number: int, what: Given) -> Part:
        """Put what a tool was given into a part, coloured by its language."""
        self.cut(part, number, what.text, LONGEST_FOLDED, None)
        if self._marked > MOST_MARKED:
            return part
        text = visible(what.text[:LONGEST_FOLDED])
        coloured = (
            highlighted_file(text, what.path) if what.path else highlighted(text, what.language)
        )
        html = f'<pre class="code">{coloured}</pre>' if text else ""
        part.html = Safe(html)  # noqa: S704 - Pygments or `escape` made it
        return part


def block_text(line: bytes, number: int) -> str:
    """The whole text of which a page shows the beginning; empty when there is no such block."""
    entry = read_entry(0, line)
    blocks = entry.blocks if entry is not None else ()
    if not 0 <= number < len(blocks):
        return ""
    block = blocks[number]
    if isinstance(block, Text | Thinking | ToolResult):
        return block.text
    return given(block).text if isinstance(block, ToolCall) else ""
