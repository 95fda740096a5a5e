"""Lines are decoded when somebody asks for what is in them, and only once."""

from __future__ import annotations

from confab_sync.claude.rows import Rows

LINES = [b'{"a":1,"b":1}', b"", b'{"b":2}', b"{broken", b'["b"]', b'{"a":3}']


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
