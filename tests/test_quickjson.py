from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync import quickjson
from tests.processes import CHECKOUT

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=()))
WITHOUT_FLOATS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@given(WITHOUT_FLOATS, st.sampled_from([None, 1, 2, 4]))
def test_what_is_written_reads_back(value: Any, indent: int | None) -> None:
    written = quickjson.dumps(value, indent)
    assert json.loads(written) == value
    assert quickjson.loads(written) == value


@given(WITHOUT_FLOATS)
def test_it_writes_the_very_bytes_of_the_standard_module(value: Any) -> None:
    assert quickjson.dumps(value) == json.dumps(value, separators=(",", ":"))
    assert quickjson.dumps(value, indent=2) == json.dumps(value, indent=2)


@given(ANYTHING, st.sampled_from(["", " ", "\n", "\t\r\n  "]))
def test_it_reads_what_the_standard_module_wrote(value: Any, around: str) -> None:
    assert quickjson.loads(around + json.dumps(value) + around) == value
    assert quickjson.loads(json.dumps(value, ensure_ascii=False)) == value


@given(st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \\u/b\x00'))
def test_it_refuses_exactly_what_the_standard_module_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011
            quickjson.loads(text)
    else:
        assert quickjson.loads(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nul", "NaN", "-Infinity", "[Infinity]", "{} {}", "[1,]", "{'a':1}", '{"a"}'),
        *('"\n"', "\ufeff{}", "{}\x00", "\u00a0{}", "[" * 100_000, '{"a":' * 100_000, "1" * 5000),
    ],
)
def test_what_is_not_one_json_document_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        quickjson.loads(text)


@pytest.mark.parametrize("value", [1.5, {"a": b""}, [object()], {1: 2}, {None: 1}])
def test_what_it_cannot_write_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        quickjson.dumps(value)


def test_a_subclass_of_int_is_written_as_its_number() -> None:
    class Loud(int):
        def __str__(self) -> str:
            return "LOUD"

    assert quickjson.dumps([Loud(7)]) == "[7]"


def isolated(code: str) -> str:
    """What `code` prints in an interpreter that has imported nothing, as a hook's is."""
    code = f"import sys; sys.path.insert(0, {CHECKOUT!r})\n{code}"
    command = [sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_reading_and_writing_do_not_import_the_standard_module() -> None:
    code = """
from confab_sync import quickjson
quickjson.loads(quickjson.dumps({"a": [1, "\\u00e9", None]}, 2))
print("json" in sys.modules or "re" in sys.modules)
"""
    assert isolated(code) == "False\n"


def test_broken_json_is_a_value_error_also_before_anybody_imported_the_standard_module() -> None:
    code = """
from confab_sync import quickjson
for text in ("{", "[1,", '{"a" 1}', '{"a":1,}', '"\\n"', '"\\\\x"', '{1:2}', "nul"):
    try:
        quickjson.loads(text)
    except ValueError:
        print("refused", end=" ")
"""
    assert isolated(code).split() == ["refused"] * 8


def test_an_object_is_read_through_a_link_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text('\ufeff{"ignore": ["/a"]}\n')
    (tmp_path / "config.json").symlink_to("real.json")
    assert quickjson.read_object(f"{tmp_path}/config.json") == {"ignore": ["/a"]}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"\xff{}", b'{"a": NaN}'])
def test_a_file_without_an_object_reads_as_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.json").write_bytes(content)
    assert quickjson.read_object(f"{tmp_path}/config.json") == {}


def test_no_file_reads_as_an_empty_object_too(tmp_path: Path) -> None:
    assert quickjson.read_object(f"{tmp_path}/config.json") == {}
    assert quickjson.read_object(str(tmp_path)) == {}
