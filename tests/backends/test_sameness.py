"""Only what is certainly another line is called one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from confab_sync.backends.sameness import MOST, are_there, same
from confab_sync.store.values import Chunk

MASKED = b'{"key":"[REDACTED:GITHUB_TOKEN]"}'


def chunk(*lines: bytes, open_end: bool = False) -> Chunk:
    data = b"\n".join(lines) + (b"" if open_end else b"\n")
    return Chunk("s.jsonl", "transcript", 7, len(lines), data, 1000, open_end)


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (b'{"a":1}', b'{"a":1}', True),
        (b'{"a":1}', b'{"a":2}', False),
        (b"", b"", True),
        (b"text", b"other", False),
        (b"text", b"", False),
        (b'{"a":1}\r', b'{"a":1}', True),
        (b"text\r", b"text", True),
        (b"not \xff UTF-8", "not \ufffd UTF-8".encode(), True),
        (b"not \xff\xff UTF-8", "not \ufffd UTF-8".encode(), None),
        (b"it was ?", "it was \ufffd".encode(), None),
        (b'{"key":"ghp_x"}', MASKED, None),
        (MASKED, b'{"key":"ghp_x"}', None),
        (MASKED, MASKED, True),
        (b"x" * 99, b'{"type":"confab-placeholder","reason":"","bytes":99}', None),
    ],
)
def test_line_is_another_one_only_if_nothing_can_have_changed_it(
    here: bytes, there: bytes, expected: bool | None
) -> None:
    assert same(here, there) is expected


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (b'{"b":"<&>","a":[1,2.50]}', b'{"a":[1,2.5],"b":"\\u003c\\u0026\\u003e"}', True),
        (b'{"n":12345678901234567891}', b'{"n":12345678901234567000}', True),
        (b'{"b":"\xc3\xa9"}', b'{"b":"\\u00e9"}', True),
        (b'{"a":"whole now"}', b'{"a":"whole', None),
        (b'{"a":1} and more', b'{"a":1}', False),
        (b'{"b":"<","a":1}', b'{"a":2,"b":"\\u003c"}', False),
        (b"[" * 100_000, b"{" * 100_000, False),
    ],
)
def test_line_that_the_go_client_has_sent_is_the_same(
    here: bytes, there: bytes, expected: bool | None
) -> None:
    """It writes JSON anew while it masks, and sends a last line before it is whole."""
    assert same(here, there) is expected


def test_lines_are_compared_with_those_of_their_numbers() -> None:
    assert are_there(chunk(b"1", b"2"), [b"1\n2", b"\n3\n"]) is True
    assert are_there(chunk(b"1", b"2"), [b"1\nX\n2\n"]) is False
    assert are_there(chunk(b"X", MASKED), [b"1\n2\n"]) is False, "one line tells"
    assert are_there(chunk(b"1", b"{}", open_end=True), [b"1\n{}\n"]) is True


@pytest.mark.parametrize("said", [b"1\n2", b"1\n2\n", b"1\n2\n\n", b"1\n2\n\n\n"])
def test_newline_and_blank_lines_that_are_kept_back_are_no_difference(said: bytes) -> None:
    """Contract §2.9: so it is where the lines begin in the middle of a chunk."""
    assert are_there(chunk(b"1", b"2", b"", b""), [said]) is not False


@pytest.mark.parametrize("said", [[], [b""], [b"1"], [b"1\nbeg"]])
def test_answer_that_ends_early_says_nothing(said: list[bytes]) -> None:
    assert are_there(chunk(b"1", b"begins", b"3"), said) is None


def test_last_line_without_a_newline_is_compared_when_it_is_the_last() -> None:
    assert are_there(chunk(b"1", b"2"), [b"1\n2"]) is True
    assert are_there(chunk(b"X", b"2"), [b"1\n2"]) is False


def test_no_more_is_read_than_is_needed() -> None:
    read = []

    def endless(piece: bytes) -> Iterator[bytes]:
        while True:
            read.append(len(piece))
            yield piece

    assert are_there(chunk(b"1", b"2"), endless(b"1\n2\n3\n")) is True
    assert read == [6]
    assert are_there(chunk(b"1"), endless(b"x" * 100_000)) is None
    assert sum(read) < MOST + 200_000
