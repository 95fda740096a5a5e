"""Edits in place: what is not edited keeps its bytes, and taking out undoes putting in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.claude.jsonedit import appended, replaced, style_of, without
from confab_sync.claude.jsontext import scan
from confab_sync.claude.jsonvalues import Value
from tests.claude.texts import json_texts, json_values


def containers(value: Value) -> list[Value]:
    """Every array and object at or below `value`."""
    if value.kind not in ("array", "object"):
        return []
    below = [*value.items, *(member.value for member in value.members)]
    return [value, *(found for inner in below for found in containers(inner))]


@settings(deadline=None)
@given(json_texts(), json_values(), st.data())
def test_taking_out_what_was_appended_restores_the_bytes(
    text: str, value: Any, choices: st.DataObject
) -> None:
    before = scan(text.encode(), "text")
    places = containers(before.root)
    if not places:
        return
    number = choices.draw(st.integers(0, len(places) - 1))
    inside = before.data[places[number].start + 1 : places[number].end - 1].decode()
    after = scan(appended(before, places[number], value, "new"), "text")
    place = containers(after.root)[number]
    assert len(place.children) == len(places[number].children) + 1
    assert without(after, place, place.children[-1], inside) == before.data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "[\n  7\n]"),
        ("[1]", "[1, 7]"),
        ("[\n  1\n]", "[\n  1,\n  7\n]"),
        ("[\r\n\t1\r\n]\r\n", "[\r\n\t1,\r\n\t7\r\n]\r\n"),
        ("[1,2]", "[1,2,7]"),
        ("[1,\n 2]", "[1,\n 2,\n 7]"),
    ],
)
def test_appending_follows_the_text_around_it(text: str, expected: str) -> None:
    document = scan(text.encode(), "text")
    result = appended(document, document.root, 7).decode()
    assert result == expected


def test_the_first_of_several_is_taken_out_with_its_comma() -> None:
    document = scan(b"[ 1 , 2 ]", "text")
    assert without(document, document.root, document.root.items[0]) == b"[ 2 ]"


def test_replacing_touches_only_the_value() -> None:
    document = scan(b'{"a" :1e3 , "b":\t2 }', "text")
    assert replaced(document, document.root.members[0].value, 7) == b'{"a" :7 , "b":\t2 }'


def test_a_text_says_how_it_is_laid_out() -> None:
    style = style_of(scan(b'{\r\n\t"a":1\r\n}', "text"))
    assert (style.newline, style.indent, style.colon) == ("\r\n", "\t", ":")
    assert style_of(scan(b'{"a" : 1, "b": 2}', "text")).indent is None
