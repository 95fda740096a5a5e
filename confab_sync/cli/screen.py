"""What tables are printed to: a terminal, with its width, or what stands in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from rich.console import Console, Group
from rich.text import Text

from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

NARROW = 60
"""Columns below which a table would show next to nothing of each column."""


class Screen(Console):
    """A console that leaves it to the front door what becomes of output that nobody reads."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise what rich would answer with an exit status of its own."""
        raise BrokenPipeError

    @property
    def is_narrow(self) -> bool:
        """Whether each row of a table had better be shown in lines of its own."""
        return self.is_terminal and self.width < NARROW


def console(*, errors: bool = False) -> Screen:
    """A console that keeps to the terminal's width, pipes and `NO_COLOR`.

    It prints to standard output, or with `errors` to standard error.
    """
    found = Screen(highlight=False, soft_wrap=False, stderr=errors)
    if not found.is_terminal:
        found.width = 10_000  # a pipe has no width; nobody wants paths cut off there
    return found


def records(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    """The rows of a table one below the other, what is empty left out; for narrow terminals."""
    parts: list[RenderableType] = []
    for number, row in enumerate(rows):
        if number:
            parts.append(Text())
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            if cell.strip():
                label = "" if place == 0 else f"  {column} "
                parts.append(Text.assemble((label, "dim"), printable(cell), overflow="fold"))
    return Group(*parts)
