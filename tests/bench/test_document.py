"""The bench writes its table between the markers of a document and touches nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.document import BEGIN, END, write
from bench.figures import Figure
from bench.missing import Unmeasurable

FIGURE = Figure("hook", "confab", ((0.012, 0.010),), 2.0)


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        write(page, [FIGURE], ["confab"], ["crowd (no space)"])
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\nCommit ")
    assert text.endswith(f"Left out: crowd (no space).\n{END}\nafter\n")
    assert text.count("| hook |") == 1
    assert "old" not in text


def test_a_document_without_markers_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(Unmeasurable):
        write(page, [FIGURE], ["confab"], [])
    assert page.read_text() == "nothing\n"
