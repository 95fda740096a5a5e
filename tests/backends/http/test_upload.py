"""Lines on their way into requests: none lost, none doubled, none too long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.backends.http import lines
from confab_sync.backends.http.upload import Aim, LinesRefused, Upload, groups
from confab_sync.errors import BackendRefused, BackendUnavailable
from confab_sync.store.values import Chunk
from tests.backends.http.values import chunk

RAW_LINES = st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"")), max_size=20)


@given(RAW_LINES.filter(bool), st.booleans(), st.booleans())
def test_each_line_of_a_chunk_is_one_string(raw: list[bytes], closes: bool, ends: bool) -> None:
    if not ends and not raw[-1]:
        raw[-1] = b"x"
    data = b"\n" * closes + b"\n".join(raw) + b"\n" * ends
    found = lines.encode(chunk(data, 1 + closes, closes=closes))
    texts = [json.loads(line) for line in found.encoded]
    assert texts == [one.decode("utf-8", "replace") for one in raw]
    assert found.repaired == sum(one.decode("utf-8", "replace").encode() != one for one in raw)
    assert found.replaced == 0


def test_closing_newline_alone_is_no_line() -> None:
    assert lines.encode(Chunk("f", "transcript", 2, 0, b"\n", 10)).encoded == []


@pytest.mark.parametrize(
    ("raw", "longest", "fits"),
    [(b"abc", 5, True), (b"abcd", 5, False), (b"\0", 8, True), (b"\0", 7, False)],
)
def test_a_line_is_too_long_once_it_is_written_as_json(
    raw: bytes, longest: int, fits: bool
) -> None:
    found = lines.encode(chunk(raw + b"\n"), longest)
    assert (found.replaced == 0) is fits


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 120))
def test_groups_are_all_lines_in_order_and_small(sizes: list[int], aim: int) -> None:
    encoded = [b"x" * size for size in sizes]
    made = list(groups(7, encoded, aim))
    assert [line for group in made for line in group.encoded] == encoded
    assert all(group.size <= aim or len(group.encoded) == 1 for group in made)
    following = 7
    for group in made:
        assert group.first == following
        following = group.last + 1


@given(st.lists(st.integers(1, 50), max_size=60), st.lists(st.integers(1, 50)), st.integers(1, 120))
def test_a_range_that_is_sent_again_is_never_shorter(
    sizes: list[int], added: list[int], aim: int
) -> None:
    before = [group.last for group in groups(1, [b"x" * n for n in sizes], aim)]
    after = [group.last for group in groups(1, [b"x" * n for n in sizes + added], aim)]
    assert all(later >= earlier for earlier, later in zip(before, after, strict=False))


class Server:
    """Takes lines except those in `poison`, and bodies up to `largest` bytes."""

    def __init__(self, poison: set[str], fails_at: int = -1) -> None:
        self.poison = poison
        self.fails_at = fails_at
        self.stored: list[str] = []
        self.requests = 0

    def send(self, body: bytes) -> int:
        self.requests += 1
        if self.requests == self.fails_at:
            raise BackendUnavailable("down")
        said: dict[str, Any] = json.loads(body)
        assert said["first_line"] == len(self.stored) + 1
        if self.poison & set(said["lines"]):
            raise LinesRefused("no")
        self.stored += said["lines"]
        return len(self.stored)


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40), st.sets(st.sampled_from("ab"))
)
def test_only_lines_that_are_refused_are_replaced(texts: list[str], poison: set[str]) -> None:
    server = Server(poison)
    sent = chunk("\n".join(texts).encode() + b"\n")
    upload = Upload("s", sent, {}, server.send, Aim(40))
    assert upload.run(lines.encode(sent).encoded) == len(texts)
    assert upload.refused == sum(text in poison for text in texts)
    kept = [None if text in poison else text for text in texts]
    assert [text if len(text) == 1 else None for text in server.stored] == kept


@given(st.integers(1, 30), st.integers(1, 12))
def test_trouble_in_the_middle_leaves_a_beginning(count: int, fails_at: int) -> None:
    server = Server(set(), fails_at)
    sent = chunk(b"".join(b"%d\n" % number for number in range(count)))
    upload = Upload("s", sent, {}, server.send, Aim(10))
    try:
        upload.run(lines.encode(sent).encoded)
    except BackendUnavailable:
        assert len(server.stored) < count
    assert server.stored == [str(number) for number in range(len(server.stored))]


def test_metadata_goes_with_the_first_request_only() -> None:
    bodies: list[dict[str, Any]] = []

    def send(body: bytes) -> int:
        bodies.append(json.loads(body))
        return int(bodies[-1]["first_line"]) + len(bodies[-1]["lines"]) - 1

    sent = chunk(b"".join(b"%d\n" % number for number in range(10)))
    Upload("s", sent, {"summary": "S"}, send, Aim(8)).run(lines.encode(sent).encoded)
    assert ["metadata" in body for body in bodies] == [True] + [False] * (len(bodies) - 1)


def test_refusal_of_the_placeholder_as_well_is_not_the_line_s_fault() -> None:
    def send(body: bytes) -> int:
        raise LinesRefused("always")

    sent = chunk(b"one\n")
    with pytest.raises(BackendRefused, match="always") as caught:
        Upload("s", sent, {}, send, Aim()).run(lines.encode(sent).encoded)
    assert type(caught.value) is BackendRefused
