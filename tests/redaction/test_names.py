"""No name whose value is a secret is passed over when lines are picked out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.redaction import names
from confab_sync.redaction.rule import without_possessives

IN_CAPITALS = re.compile(without_possessives(names.RAW_NAME.upper()))
RAW_NAME = re.compile(without_possessives(f"(?i:{names.RAW_NAME})"))


@pytest.mark.parametrize("kind", [*names.STRONG, *names.WEAK])
@given(data=st.data())
def test_every_name_ends_in_one_that_lines_are_picked_by(kind: str, data: st.DataObject) -> None:
    pattern = without_possessives(f"(?i:(?:{kind}){names.ENDING})")
    made = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    name = data.draw(made)
    assert any(RAW_NAME.fullmatch(name, start) for start in range(len(name)))
    assert any(IN_CAPITALS.fullmatch(name.upper(), start) for start in range(len(name)))
