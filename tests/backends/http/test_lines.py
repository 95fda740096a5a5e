"""Lines are encoded as the standard library would, only quicker."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from confab_sync.backends.http.lines import encode, encoded
from confab_sync.store.values import Chunk


def chunk(line: bytes) -> Chunk:
    return Chunk(
        file_name="transcript.jsonl",
        file_type="transcript",
        first_line=1,
        lines=1,
        data=line + b"\n",
        source_end=len(line) + 1,
    )


@given(st.text().filter(lambda text: "\n" not in text))
@example('{"text":"a \\"quoted\\" path C:\\\\x and é"}')
@example("\x00 \x1f \x7f \u2028 \t\r \\ \x22")
def test_a_line_becomes_the_json_string_that_says_it(text: str) -> None:
    try:
        line = text.encode()
    except UnicodeEncodeError:
        return
    (encoded,) = encode(chunk(line)).encoded
    assert encoded == json.dumps(text, ensure_ascii=False).encode()


@given(st.binary().filter(lambda line: b"\n" not in line))
def test_any_bytes_become_the_json_string_that_is_nearest(line: bytes) -> None:
    lines = encode(chunk(line))
    assert json.loads(lines.encoded[0]) == line.decode("utf-8", "replace")
    assert bool(lines.repaired) == (line.decode("utf-8", "replace").encode() != line)


def test_lines_that_were_encoded_in_advance_are_not_encoded_again() -> None:
    plain = chunk(b"line")
    made = encode(plain)
    assert encoded(replace(plain, prepared=made)) is made


def test_lines_that_were_encoded_of_other_bytes_are_not_used() -> None:
    made = encode(chunk(b"with a secret"))
    assert encoded(replace(chunk(b"masked"), prepared=made)).encoded == [b'"masked"']
