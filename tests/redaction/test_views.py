"""A view reads as JSON would decode, and knows where each byte came from."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.redaction.views import BARRIER, View

characters = st.characters(codec="utf-8", exclude_characters="\x00\x01\x02\x03\b\f")
strings = st.text(characters) | st.text(st.sampled_from('\\"/nu0041 \n\té'), max_size=30)


@given(strings)
def test_a_layer_comes_off_as_the_standard_decoder_takes_it(text: str) -> None:
    line = json.dumps(text, ensure_ascii=False).encode()
    assert View(line).unescaped().data == BARRIER + text.encode() + BARRIER


@given(strings, st.integers(1, 4))
def test_any_number_of_layers_comes_off(text: str, layers: int) -> None:
    escaped = text
    for _ in range(layers):
        escaped = json.dumps(escaped, ensure_ascii=False)[1:-1]
    view = View(escaped.encode())
    for _ in range(layers):
        view = view.unescaped()
    assert view.data == text.encode()
    assert view.depth == layers


def test_escaped_ascii_is_read_and_other_escapes_are_one_strange_byte() -> None:
    assert View(rb"\u0041\u0042\u00e9\ud83d\ude00\u007a").unescaped().data == b"AB\xff\xff\xffz"


@given(st.lists(st.tuples(strings, strings), max_size=40), st.integers(1, 3))
def test_positions_lead_back_to_the_same_text(pairs: list[tuple[str, str]], layers: int) -> None:
    value: Any = [each for pair in pairs for each in pair]
    for _ in range(layers):
        value = json.dumps(value, ensure_ascii=False)
    original = value.encode()
    view = View(original)
    for _ in range(layers):
        view = view.unescaped()
    ends = [view.position(offset) for offset in range(len(view.data) + 1)]
    assert ends == sorted(set(ends))
    assert ends[-1] == len(original)
    for offset in range(len(view.data)):
        part = original[ends[offset] : ends[offset + 1]]
        read = View(part)
        for _ in range(layers):
            read = read.unescaped()
        assert read.data == view.data[offset : offset + 1]
