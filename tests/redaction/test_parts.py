"""No mask goes from one string into the next, however deep the secret was read."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from confab_sync.redaction.parts import inside_strings
from confab_sync.redaction.views import View
from tests.redaction.maskers import ENGINES, thorough
from tests.redaction.spelling import spelled

BEGIN = "-----BEGIN PRIVATE " + "KEY-----"
END = "-----END PRIVATE " + "KEY-----"
BODY = "MIIEabcdefghijklmnop/+12"
KEY_ID = "AKIA" + "Q2" * 8

PIECES = (
    BEGIN, END, BODY, "abc=", KEY_ID, "ghp" + "_" + "a1" * 18, "Private-Lines: 8", "password",
    '"', "'", "\\", '\\"', "\\\\", "\\u0022", "\n", "\\n", ", ", ": ", "12\t", "{", "}", "[", "]",
    json.dumps(BEGIN), json.dumps(BODY), json.dumps(json.dumps(BODY)), "[REDACTED:PRIVATE_KEY]",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
values = st.recursive(
    texts | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | inner.map(json.dumps)
    ),
    max_leaves=10,
)
slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
CROSSING = {"": f'"\\"{BEGIN}"', KEY_ID: None}


@slow
@given(values, st.sampled_from([0, 0.3, 1]), st.randoms(use_true_random=False))
@example(CROSSING, 1, random.Random(1))
@example({"a": json.dumps(CROSSING)}, 0, random.Random(1))
def test_nothing_outside_of_strings_changes(value: Any, share: float, made: random.Random) -> None:
    line = spelled(value, made, share).encode()
    once = thorough("re2").mask_lines(line).data
    json.loads(once)
    assert STRING.sub(b'""', once) == STRING.sub(b'""', line)
    assert thorough("re2").mask_lines(once).data is once
    assert thorough("re").mask_lines(line).data == once


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("layers", [0, 1, 2, 3])
@pytest.mark.parametrize("share", [0, 1])
def test_a_key_in_a_list_of_strings_is_masked_in_each(
    engine: str, layers: int, share: float
) -> None:
    texts = [BEGIN, BODY, BODY[::-1], END]
    for _ in range(layers):
        texts = [json.dumps(text) for text in texts]
    line = spelled([*texts, "kept"], random.Random(1), share).encode()
    masked = json.loads(thorough(engine).mask_lines(line).data)
    assert len(masked) == 5
    assert "kept" in masked[-1]
    assert not any(part[2:-2] in text for text in masked for part in (BEGIN, BODY, BODY[::-1], END))


def parts(line: str, layers: int, start: bytes, end: bytes) -> list[bytes]:
    view = View(line.encode())
    for _ in range(layers):
        view = view.unescaped()
    first, last = view.data.index(start), view.data.index(end) + len(end)
    return [view.data[low:high] for low, high in inside_strings(view, first, last)]


def test_a_span_in_one_string_is_one_part() -> None:
    assert parts('["abc"]', 1, b"a", b"c") == [b"abc"]


def test_what_is_between_strings_is_no_part() -> None:
    assert parts('["a", "b", "c"]', 1, b"a", b"c") == [b"a", b"b", b"c"]


def test_the_end_of_a_string_within_a_string_does_not_open_the_next() -> None:
    line = json.dumps([json.dumps("a"), "b", json.dumps("c"), json.dumps(["d", "e"])])
    assert parts(line, 2, b"a", b"e") == [b"a", b"b", b"c", b"d", b"e"]


def test_an_open_quote_within_a_string_does_not_hide_its_end() -> None:
    assert parts(json.dumps(['"a', "b"]), 2, b"a", b"b") == [b"a", b"b"]
