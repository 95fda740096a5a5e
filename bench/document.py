"""The part of docs/performance.md that the bench writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.machine import machine, revision, today
from bench.missing import Unmeasurable
from bench.tables import markdown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.figures import Figure

BEGIN, END = "<!-- table -->", "<!-- /table -->"


def write(
    path: Path, figures: Sequence[Figure], ways: Sequence[str], left_out: Sequence[str]
) -> None:
    """Replace what stands between the markers of `path`. Raises `Unmeasurable` without them."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Unmeasurable(f"{path} has no {BEGIN} … {END}")
    parts = [
        f"Commit {revision()}, {today()}, {machine()}. Medians, quartiles in brackets; x: the "
        "ratio to what the last column names, measured in the same run.",
        markdown(figures, ways),
        *(f"Left out: {each}." for each in left_out),
    ]
    path.write_text(before + BEGIN + "\n" + "\n\n".join(parts) + "\n" + END + after, "utf-8")
