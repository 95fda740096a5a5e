"""What was said as HTML that can do nothing: no markup of its own, no scripts, no pictures.

Markdown is untrusted text. Tags in it are shown as text, links lead to http and https only, and
everything that came from outside is escaped.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from confab_sync.claude.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token

    Highlight = Callable[[str, str], str]
    """Code and the name of its language, as HTML in which everything is escaped."""


MOST_CELLS = 20_000
"""Cells that a text's tables may have: rows are filled up, so that few bars become many."""


class Markup:
    """Turns Markdown into HTML."""

    def __init__(self, highlight: Highlight | None = None, *, breaks: bool = False) -> None:
        """`highlight` renders code blocks; with `breaks` a newline in a text is one on the page."""
        self._reader = _reader(highlight, breaks).enable("table")
        self._without_tables = _reader(highlight, breaks)

    def html(self, text: str) -> str:
        """`text` as HTML; what cannot be seen in it is made visible."""
        reader = self._reader if _is_bearable(text) else self._without_tables
        return str(reader.render(visible(text)))


def _reader(highlight: Highlight | None, breaks: bool) -> MarkdownIt:
    reader = MarkdownIt(
        "commonmark",
        {"html": False, "breaks": breaks, "maxNesting": 12},
        renderer_cls=lambda _: _Renderer(highlight),
    )
    reader.validateLink = is_safe_link  # type: ignore[method-assign]
    return reader.enable("strikethrough").disable("image")


def _is_bearable(text: str) -> bool:
    """Whether the tables in a text cannot have too many cells together; blank lines end them."""
    cells, lines, widest = 0, 0, 0
    for line in text.split("\n"):
        if line.strip():
            lines, widest = lines + 1, max(widest, line.count("|"))
        else:
            cells, lines, widest = cells + lines * widest, 0, 0
    return cells + lines * widest <= MOST_CELLS


class _Renderer(RendererHTML):
    """The rules for what is not written as markdown-it would."""

    def __init__(self, highlight: Highlight | None) -> None:
        super().__init__()
        self._highlight = highlight

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escape(visible(tokens[idx].content))  # once more: entities are read by now

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        language = token.info.split()[0] if token.info.strip() else ""
        if self._highlight is None:
            return f"<pre><code>{escape(token.content)}</code></pre>\n"
        return f'<pre class="code"><code>{self._highlight(token.content, language)}</code></pre>\n'

    code_block = fence

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        address = escape(str(tokens[idx].attrGet("href") or ""))
        return f'<a href="{address}" rel="noopener noreferrer nofollow" target="_blank">'

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        # Tables are wider than narrow screens.
        return '<div class="scroll"><table>\n'

    def th_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        # The policy of the pages forbids styles in attributes, as markdown-it writes them.
        token = tokens[idx]
        place = str(token.attrGet("style") or "").removeprefix("text-align:")
        known = f' class="to-{place}"' if place in ("left", "center", "right") else ""
        return f"<{token.tag}{known}>"

    td_open = th_open

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"


def is_safe_link(url: str) -> bool:
    """Whether a link may be followed: to an absolute address of http or https, nowhere else."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
