"""Lines are decoded when somebody asks for what is in them, and only once."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.rows import Rows

LINES = b"\n".join([b'{"a":1,"b":1}', b"", b'{"b":2}', b"{broken", b'["b"]', b'{"a":3}'])


def test_objects_are_found_by_a_name_in_both_directions() -> None:
    rows = Rows(LINES)
    assert list(rows.forwards(b'"a"')) == [{"a": 1, "b": 1}, {"a": 3}]
    assert list(rows.backwards(b'"b"')) == [{"b": 2}, {"a": 1, "b": 1}]
    assert list(rows.forwards(b'"b"', but_not=b'"a"')) == [{"b": 2}]


def test_a_line_is_decoded_once_however_often_it_is_found() -> None:
    rows = Rows(LINES)
    for _ in range(3):
        list(rows.forwards(b'"a"'))
        list(rows.backwards(b'"b"'))
    assert rows.parses == 4  # the array as well: only decoding shows that it is no object


def test_nothing_is_decoded_for_a_name_that_is_nowhere_nor_beyond_what_is_taken() -> None:
    rows = Rows(LINES)
    assert list(rows.forwards(b'"c"')) == []
    assert next(rows.forwards(b'"a"')) == {"a": 1, "b": 1}
    assert rows.parses == 1


@given(st.lists(st.sampled_from([b"", b"{", b'{"a":1}', b'{"a":2,"b":"a"}', b'{"b":3}', b"[1]"])))
def test_it_finds_what_looking_at_line_by_line_would(lines: list[bytes]) -> None:
    rows, decoded = Rows(b"\n".join(lines)), [line for line in lines if line.endswith(b"}")]
    with_a = [json.loads(line) for line in decoded if b'"a"' in line]
    assert list(rows.forwards(b'"a"')) == with_a
    assert list(rows.backwards(b'"a"')) == with_a[::-1]
    assert list(rows.forwards(b'"a"', but_not=b'"b"')) == [row for row in with_a if "b" not in row]
