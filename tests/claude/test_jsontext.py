"""The strict JSON scanner: positions, and what it refuses with which line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.claude.jsontext import scan
from confab_sync.claude.jsonvalues import Document, Value, line_at
from confab_sync.errors import SettingsError
from tests.claude.texts import json_texts, json_values


def python_value(document: Document, value: Value) -> object:
    """The value that stands at the scanned positions, by way of the standard module."""
    if value.kind == "object":
        return {m.name: python_value(document, m.value) for m in value.members}
    if value.kind == "array":
        return [python_value(document, item) for item in value.items]
    return json.loads(document.data[value.start : value.end])


@settings(deadline=None)
@given(json_texts())
def test_positions_lead_to_what_the_standard_module_reads(text: str) -> None:
    document = scan(text.encode(), "settings.json")
    assert python_value(document, document.root) == json.loads(text)


@settings(deadline=None)
@given(st.binary(max_size=40) | json_values().map(lambda v: json.dumps(v).encode()[:-1]))
def test_accepts_exactly_what_the_standard_module_accepts(data: bytes) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        expected = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except ValueError:
        with pytest.raises(SettingsError):
            scan(data, "settings.json")
    else:
        document = scan(data, "settings.json")
        assert python_value(document, document.root) == expected


def test_positions_are_bytes() -> None:
    document = scan('{"é": "ü", "n": 1}'.encode(), "settings.json")
    number = document.root.members[1].value
    assert document.data[number.start : number.end] == b"1"


def test_a_byte_order_mark_is_passed_over() -> None:
    assert scan(b"\xef\xbb\xbf[1]", "settings.json").root.start == 3


def test_names_are_decoded() -> None:
    document = scan(b'{"\\u0068ooks": {}}', "settings.json")
    assert document.root.members[0].name == "hooks"


def test_nesting_has_no_limit() -> None:
    depth = 100_000
    document = scan(b"[" * depth + b"]" * depth, "settings.json")
    assert document.root.end == 2 * depth


def test_a_number_of_any_length_is_taken() -> None:
    digits = b"9" * 10_000
    assert scan(digits, "settings.json").root.kind == "number"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (b"", 1, "the file ends"),
        (b'{\n  "a": 1,\n}\n', 2, "a comma with nothing after it"),
        (b"[1,\n\n]", 1, "a comma with nothing after it"),
        (b'{\n  // mine\n  "a": 1\n}', 2, "a comment"),
        (b'{\r\n  "a": 1, /* b */\r\n}', 2, "a comment"),
        (b"# settings\n{}", 1, "a comment"),
        (b'{"a":\nNaN}', 2, "NaN"),
        (b'{"a":\r-Infinity}', 2, "Infinity"),
        (b"{'a': 1}", 1, "a name in double quotes"),
        (b"{a: 1}", 1, "a name in double quotes"),
        (b'{"a" 1}', 1, "a colon"),
        (b'{"a": 1\n "b": 2}', 2, "a comma or }"),
        (b"[1 2]", 1, "a comma or ]"),
        (b"[1}", 1, "a comma or ]"),
        (b"{}\n{}", 2, "the end of the file"),
        (b"[01]", 1, "a value"),
        (b"[1.]", 1, "a value"),
        (b"[.5]", 1, "a value"),
        (b"[+1]", 1, "a value"),
        (b"[truest]", 1, "a value"),
        (b'["a\nb"]', 1, "a string"),
        (b'["a', 1, "a string"),
        (b'["\\x41"]', 1, "a string"),
        (b'\n["\xff"]', 2, "not UTF-8"),
        (b"{}\x00", 1, "the end of the file"),
        ("\ufeff{}".encode("utf-16"), 1, "not UTF-8"),
    ],
)
def test_what_strict_json_refuses_is_refused_with_its_line(
    text: bytes, line: int, why: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        scan(text, "settings.json")
    assert str(refusal.value).startswith(f"settings.json, line {line}: ")
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_by_whatever_ends_them(newline: bytes) -> None:
    data = newline.join([b"a", b"b", b"c"])
    assert line_at(data, data.index(b"c")) == 3
