"""What masking changes, and what it never does."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from confab_sync.redaction.masker import Masked
from tests.redaction.corpus import positives
from tests.redaction.maskers import ENGINES, masker, thorough
from tests.redaction.spelling import spelled

SECRET = "hunt" + "er2x"
KEY = "sk-" + "ant-api03-" + "aB3_" * 20
FIELD = "[REDACTED:SENSITIVE_FIELD]"

FRAGMENTS = (
    "password", "token", "API_KEY", '"', "'", ":", "=", " ", "\n", "\\", "{", "}", "[", "]", ",",
    SECRET, KEY, "12345678", "://", "@", "-----BEGIN PRIVATE " + "KEY-----", "MIIEabcdefghijklmnop",
    "[REDACTED:API_KEY]", "é", "\u0001", "\u0000", "ghp" + "_" + "a1" * 18, "eyJ" + "ab1." * 9,
    "\\n",
    '\\"', "</", ">", "value", "\\u0041", "curl -u a:", "Bearer ", "AKIA" + "Q2" * 8, "\r",
)  # fmt: skip
texts = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)
values = st.recursive(
    texts | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | inner.map(json.dumps)
    ),
    max_leaves=6,
)
slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def mask(value: object, engine: str = "re2") -> Any:
    return json.loads(masker(engine).mask_lines(json.dumps(value).encode()).data)


@slow
@given(values, st.booleans())
@example({"password": {"password": [[SECRET]], SECRET: 12345678}}, True)
def test_valid_json_stays_valid_and_masking_twice_changes_nothing(value: Any, ascii: bool) -> None:
    line = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    once = thorough("re2").mask_lines(line)
    json.loads(once.data.decode("utf-8", "surrogatepass"))
    assert thorough("re2").mask_lines(once.data).data is once.data
    assert (once.data is line) == (not once.counts)


@slow
@given(values, st.randoms(use_true_random=False))
@example({"password": SECRET, "a": {"api_key": [12345678]}}, random.Random(3))
def test_any_letter_may_be_escaped(value: Any, made: random.Random) -> None:
    line = spelled(value, made).encode("utf-8", "surrogatepass")
    once = thorough("re2").mask_lines(line)
    json.loads(once.data.decode("utf-8", "surrogatepass"))
    assert thorough("re2").mask_lines(once.data).data is once.data
    assert masker("re2").mask_lines(line) == once
    assert thorough("re").mask_lines(line) == once


def test_every_process_masks_alike() -> None:
    """A retry after a restart must send the same bytes."""
    line = json.dumps([text for *_, text in positives.shaped(random.Random(5))]).encode()
    program = (
        "import sys; from confab_sync.redaction.configured import masker_from;"
        "sys.stdout.buffer.write(masker_from(None).mask_lines(sys.stdin.buffer.read()).data)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=line,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert outputs == {masker("re2").mask_lines(line).data}


@slow
@given(st.lists(texts.map(lambda text: text.replace("\n", " ")), max_size=6), st.data())
def test_the_grouping_of_lines_makes_no_difference(lines: list[str], data: st.DataObject) -> None:
    whole = "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass")
    cuts = data.draw(st.lists(st.integers(0, len(lines)), max_size=3).map(sorted))
    pieces = []
    split = whole.splitlines(keepends=True) if b"\r" not in whole else _lines(whole)
    for start, end in zip([0, *cuts], [*cuts, len(split)], strict=True):
        pieces.append(masker("re2").mask_lines(b"".join(split[start:end])).data)
    assert b"".join(pieces) == masker("re2").mask_lines(whole).data


def _lines(data: bytes) -> list[bytes]:
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


@slow
@given(texts)
def test_both_engines_agree(text: str) -> None:
    for line in (text, json.dumps({"text": text})):
        data = line.encode("utf-8", "surrogatepass")
        assert thorough("re").mask_lines(data) == thorough("re2").mask_lines(data)


@slow
@given(st.binary(max_size=300))
def test_any_bytes_are_survived_with_their_newlines(data: bytes) -> None:
    for result in (masker("re2").mask_lines(data), masker("re2").mask_bytes(data)):
        assert result.data.count(b"\n") == data.count(b"\n")
    assert masker("re2").mask_lines(data) == masker("re2").mask_lines(bytes(data))


@pytest.mark.parametrize("engine", ENGINES)
def test_only_the_secret_changes(engine: str) -> None:
    line = (
        '{ "z" : 12345678901234567890123 , "a":1.0e+5,"a":1.50,'
        ' "t":"\\u00e9\\/ caf\u00e9 \\ud83d\\ude00'
        f' {KEY} \\u003c" , "password":"{SECRET}", "n" : [ ] }}\r\n'
    )
    expected = line.replace(KEY, "[REDACTED:API_KEY]").replace(SECRET, FIELD)
    result = masker(engine).mask_lines(line.encode())
    assert result.data.decode() == expected
    assert result.counts == {"API_KEY": 1, "SENSITIVE_FIELD": 1}


def test_data_without_a_secret_comes_back_as_the_same_object() -> None:
    data = b'{"type":"user","usage":{"input_tokens":12}}\nnot JSON\n\n'
    assert masker("re2").mask_lines(data) == Masked(data, {})
    assert masker("re2").mask_lines(data).data is data
    assert masker("re2").mask_bytes(data).data is data


def test_other_lines_of_a_block_stay() -> None:
    block = b'{"a":1}\n{"password":"%b"}\n\xff\xfe broken \n' % SECRET.encode()
    assert masker("re2").mask_lines(block).data == block.replace(SECRET.encode(), FIELD.encode())


def test_an_open_line_and_the_newline_that_closes_it_are_masked_apart() -> None:
    assert masker("re2").mask_lines(b'{"password":"%b"}' % SECRET.encode()).data.endswith(b'"}')
    assert masker("re2").mask_lines(b"\n{}\n").data == b"\n{}\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_whole_subtrees_and_numbers_under_a_telling_name_are_masked(engine: str) -> None:
    value = {
        "db_password": {"user": "bob", "list": [SECRET, 12345678, True, None], "n": {"m": "x1"}}
    }
    assert mask(value, engine) == {
        "db_password": {"user": FIELD, "list": [FIELD, FIELD, True, None], "n": {"m": FIELD}}
    }
    assert mask({"a": json.dumps(value)}, engine) == {"a": json.dumps(mask(value, engine))}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_very_long_subtree_is_masked_as_a_whole(engine: str) -> None:
    assert mask({"password": [[SECRET, 1]] * 3000, "after": 1}, engine) == {
        "password": FIELD,
        "after": 1,
    }


def test_names_in_a_row_each_give_away_their_value() -> None:
    text = f"secret=foo&client_secret={SECRET}&api_key=k1;token={SECRET}{SECRET}9Z"
    result = f"secret=foo&client_secret={FIELD}&api_key=k1;token={FIELD}"
    assert mask({"t": text}) == {"t": result}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "name", ["pass\\u0077ord", "".join(f"\\u{ord(c):04X}" for c in "password"), "API\\u005fKEY"]
)
def test_a_name_with_escaped_letters_is_the_name_that_it_is(engine: str, name: str) -> None:
    inner = f'{{"{name}":"{SECRET}","kept\\u0041":"\\\\u0041"}}'
    for line in (inner, json.dumps({"t": inner}), json.dumps([json.dumps(inner)]), inner[:-3]):
        result = masker(engine).mask_lines(line.encode())
        assert result.data.decode() == line.replace(SECRET, FIELD)
        assert result.counts == {"SENSITIVE_FIELD": 1}


@pytest.mark.parametrize("end", ["/", "+", "a"])
def test_an_aws_secret_may_end_in_any_of_its_characters(end: str) -> None:
    key, secret = "AKIA" + "Q2RT" * 4, "wJalrXUtnFEMI" * 3 + end
    for text in (f"{key},{secret}\n", f"{key} {secret}", f"'{key}', '{secret}'"):
        assert secret[:30] not in json.dumps(mask({"t": text}))


def test_a_schema_of_a_password_is_none() -> None:
    schema = {"password": {"type": "string", "minLength": 12, "description": "Your password"}}
    assert mask(schema) == schema


def test_a_secret_as_a_key_is_masked() -> None:
    assert mask({KEY: {"a": 1}}) == {"[REDACTED:API_KEY]": {"a": 1}}


def test_too_many_finds_mask_all_that_a_line_says() -> None:
    text = f"password='{SECRET}' " * 20_000
    row = {"type": "user", "timestamp": "2026-02-03T10:00:00.123Z", "text": text, "n": 7}
    assert mask(row) == {**row, "text": "[REDACTED:TOO_COMPLEX]"}
    plain = masker("re2").mask_lines(text.encode() + b"\r\n")
    assert plain == Masked(b"[REDACTED:TOO_COMPLEX]\r\n", {"TOO_COMPLEX": 1})


def test_a_single_value_is_masked() -> None:
    assert masker("re2").mask_text("/home/me/work") == "/home/me/work"
    assert (
        masker("re2").mask_text(f"https://me:{SECRET}@h/p") == "https://me:[REDACTED:PASSWORD]@h/p"
    )
    assert masker("re2").mask_text(f"é\udc80 password={SECRET}") == f"é\udc80 password={FIELD}"


def test_a_private_key_over_many_lines_of_a_file_keeps_the_number_of_lines() -> None:
    key = positives.pem(random.Random(1), positives.PEM_LABELS[0])
    for newline in ("\n", "\r\n"):
        data = f"first\n{key}\nlast {KEY}\n".replace("\n", newline).encode()
        result = masker("re2").mask_bytes(data)
        lines = result.data.split(newline.encode())
        assert lines[:2] == [b"first", b"[REDACTED:PRIVATE_KEY]"]
        assert lines[-2:] == [b"last [REDACTED:API_KEY]", b""]
        assert set(lines[2:-2]) == {b""}
        assert len(lines) == len(data.split(newline.encode()))
        assert result.counts == {"PRIVATE_KEY": 1, "API_KEY": 1}


def test_a_file_that_is_one_json_value_is_read_as_such() -> None:
    value = {"credentials": {"user": "bob", "pass": SECRET}, "kept": [1, 2]}
    data = json.dumps(value, indent=2).encode() + b"\n"
    result = json.loads(masker("re2").mask_bytes(data).data)
    assert result == {"credentials": {"user": FIELD, "pass": FIELD}, "kept": [1, 2]}
    assert masker("re2").mask_bytes(data).data.count(b"\n") == data.count(b"\n")


def test_a_byte_order_mark_before_a_json_file_changes_nothing_else() -> None:
    key = positives.pem(random.Random(1), positives.PEM_LABELS[0])
    value = {"patch": [f"+{line}" for line in key.split("\n")], "pass": [SECRET], "kept": "yes"}
    data = json.dumps(value, indent=2).encode() + b"\n"
    mark = b"\xef\xbb\xbf"
    result = masker("re2").mask_bytes(mark + data)
    assert result.data == mark + masker("re2").mask_bytes(data).data
    assert json.loads(result.data.removeprefix(mark))["kept"] == "yes"
    assert key.split("\n")[1].encode() not in result.data


def test_a_binary_file_keeps_its_length_and_everything_but_the_key() -> None:
    noise = random.Random(2).randbytes(5000)
    data = b"\x00PNG" + noise + b"\0" + KEY.encode() + b" password=" + SECRET.encode() + noise
    result = masker("re2").mask_bytes(data)
    assert len(result.data) == len(data)
    assert KEY.encode() not in result.data
    assert result.data.replace(b"[REDACTED:API_KEY]".ljust(len(KEY), b"*"), KEY.encode()) == data
