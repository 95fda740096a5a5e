"""docs/reliability.md is the table of situations, and every row of it can be checked."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from integration.faults import table
from integration.faults.switches import nonsense
from integration.faults.table import ROOT, Situation

ROWS = table.situations()


@cache
def names_defined_by(path: Path) -> frozenset[str]:
    """The names of the tests that a module defines, without running it."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef))


def test_the_document_is_up_to_date() -> None:
    """Otherwise run `python -m integration.faults.table`."""
    text = table.DOCUMENT.read_text(encoding="utf-8")
    assert text.partition(table.BEGIN)[2].partition(table.END)[0] == table.rendered(ROWS)


def test_ids_are_unique() -> None:
    assert [name for name, count in Counter(row.id for row in ROWS).items() if count > 1] == []
    assert {row.id for row in ROWS}.isdisjoint(table.GROUPS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.id))
def test_each_row_names_tests_that_exist(row: Situation) -> None:
    assert row.tests
    for test in row.tests:
        path, _, name = test.partition("::")
        assert path.startswith(("tests/", "integration/")), test
        assert name.partition("[")[0] in names_defined_by(ROOT / path), test


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.id))
def test_each_switch_finds_its_place_once(row: Situation) -> None:
    switch = row.switch
    assert switch.file.startswith("confab_sync/")
    assert switch.replace != switch.by
    assert (ROOT / switch.file).read_text(encoding="utf-8").count(switch.replace) == 1


def test_no_switch_makes_nonsense_of_its_file(tmp_path: Path) -> None:
    """A name that is not defined any more would make any test fail, and prove nothing."""
    for row in ROWS:
        text = (ROOT / row.switch.file).read_text(encoding="utf-8")
        switched = text.replace(row.switch.replace, row.switch.by)
        (tmp_path / f"{row.id}.py").write_text(switched, encoding="utf-8")
    assert nonsense(tmp_path) == ""
