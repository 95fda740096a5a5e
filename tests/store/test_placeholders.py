"""Statements are handed their values as Python 3.14 takes them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import confab_sync

ROOT = Path(confab_sync.__file__).parent
_NUMBERED = re.compile(r"\?\d")


def statements(source: str) -> list[str]:
    """The texts in the first argument of each call that executes something."""
    return [
        part.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("execute", "executemany")
        and call.args
        for part in ast.walk(call.args[0])
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.stem)
def test_no_placeholder_has_a_number_which_python_takes_for_a_name(path: Path) -> None:
    assert not [each for each in statements(path.read_text("utf-8")) if _NUMBERED.search(each)]


def test_a_number_would_be_noticed() -> None:
    (found,) = statements('c.execute("SELECT ?1" " + 1", (2,))')
    assert _NUMBERED.search(found)
