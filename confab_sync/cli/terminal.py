"""Texts from transcripts on a terminal, which they must not steer."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDEST = 110
"""Columns of running text: longer lines are hard to read."""


def safe(text: str) -> str:
    """`text` with its lines and tabs, and everything else that could steer made visible."""
    if text.isprintable():
        return text
    return "\n".join(printable(line.expandtabs()) for line in text.split("\n"))


def readable(text: str) -> str:
    """The same for a document, which may be shown on a terminal later; tabs stay what they are."""
    if text.isprintable():
        return text
    lines = (line.split("\t") for line in text.split("\n"))
    return "\n".join("\t".join(map(printable, pieces)) for pieces in lines)


def say(text: str, *, err: bool = False) -> None:
    """Print a sentence; on a terminal its lines end between words."""
    import click

    stream = sys.stderr if err else sys.stdout
    click.echo(folded(text) if stream.isatty() else text, err=err)


def folded(text: str) -> str:
    """`text` in lines that are no longer than the terminal is wide, words left whole."""
    import shutil
    import textwrap

    width = max(20, shutil.get_terminal_size().columns)
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) or text


def is_terminal() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout.isatty()


def rendered(paragraphs: Iterable[str]) -> Iterator[str]:
    """Paragraphs of Markdown as a terminal shows them, with a blank line between."""
    from rich.console import Console
    from rich.markdown import Markdown

    out = io.StringIO()
    screen = Console(file=out, force_terminal=True, legacy_windows=False)
    screen.width = min(Console().width, WIDEST)
    for paragraph in paragraphs:
        out.seek(0)
        out.truncate()
        screen.print(Markdown(safe(paragraph), hyperlinks=False))
        screen.print()
        yield out.getvalue()
