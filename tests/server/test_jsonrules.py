"""JSON is read with what the contract forgives, and nothing else (contract §1.8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.server.jsonrules import MAX_DEPTH, NotJson, first_value, storable

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values, st.sampled_from(["", " ", "{", "x", "\0"]))
def test_first_value_is_what_was_written(value: Any, rest: str) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        rest = ""  # after a bare number anything might go on
    text = " \n\t\r" + json.dumps(value).replace("Infinity", "1") + rest
    expected = json.loads(json.dumps(value).replace("Infinity", "1"))
    assert first_value(text.encode()) == expected


@given(st.binary(max_size=50))
def test_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        first_value(data)
    except NotJson:
        return


def test_later_of_equal_keys_takes_the_last_place() -> None:
    found = first_value(b'{"a":1,"A":2,"a":3}')
    assert isinstance(found, dict)
    assert list(found.items()) == [("A", 2), ("a", 3)]


@pytest.mark.parametrize("digits", [30, 5000, 100_000])
def test_number_of_any_length_is_a_number(digits: int) -> None:
    found = first_value(b'{"n":' + b"9" * digits + b"}")
    assert isinstance(found, dict)
    assert isinstance(found["n"], int | float)


def test_what_is_kept_is_valid_unicode() -> None:
    assert storable({"a\ud800": ["\udfff", 1, None]}) == {"a\ufffd": ["\ufffd", 1, None]}


@pytest.mark.parametrize("value", ["a\0b", {"\0": 1}, [["\0"]], float("inf"), -float("inf")])
def test_what_cannot_be_kept_is_refused(value: object) -> None:
    with pytest.raises(NotJson):
        storable(value)


def test_depth_is_limited() -> None:
    def nested(depth: int) -> object:
        value: object = 1
        for _ in range(depth):
            value = [value]
        return value

    assert storable(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(NotJson, match="deeper"):
        storable(nested(MAX_DEPTH + 1))
