"""Settings under dotted keys are found where they were put, and nothing else moves."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.cli.dotted import changed, defaults, flat, found, parsed
from confab_sync.errors import UsageError

names = st.sampled_from(("a", "b", "c"))
sections = st.recursive(
    st.integers() | st.lists(st.integers()),
    lambda inner: st.dictionaries(names, inner, max_size=3),
).filter(lambda value: isinstance(value, dict))
keys = st.lists(names, min_size=1, max_size=3).map(".".join)


@given(sections, keys, st.integers())
def test_what_is_put_is_found_and_the_given_section_is_left_alone(
    section: dict[str, Any], key: str, value: int
) -> None:
    before = copy.deepcopy(section)
    try:
        after = changed(section, key, value)
    except UsageError:
        with pytest.raises(KeyError):
            found(section, key)
    else:
        assert found(after, key) == value
        with pytest.raises(KeyError):
            found(changed(after, key, None), key)
    assert section == before


@given(sections)
def test_each_flat_key_finds_its_value(section: dict[str, Any]) -> None:
    assert all(found(section, key) == value for key, value in flat(section))


def test_defaults_name_every_setting_but_secrets() -> None:
    assert defaults()["redaction.enabled"] is True
    assert not any("api_key" in key for key in defaults())


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("7", 7), ('"7"', "7"), ("word", "word"), ("NaN", "NaN"), ("[1]", [1])],
)
def test_a_value_is_json_or_a_bare_word(text: str, value: object) -> None:
    assert parsed(text) == value
