"""A digest recognises bytes again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.engine.position import NO_EVIDENCE, START, Position, digest, digest_of


@given(st.binary(), st.binary())
def test_digest_tells_contents_apart(one: bytes, other: bytes) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@given(st.binary(max_size=100))
def test_digest_is_short_and_does_not_depend_on_how_the_bytes_are_held(data: bytes) -> None:
    assert digest(memoryview(data)) == digest(data)
    assert len(digest(data)) == 16


@given(st.lists(st.binary(max_size=10)))
def test_digest_of_pieces_is_that_of_the_whole(pieces: list[bytes]) -> None:
    assert digest_of(pieces) == digest(b"".join(pieces))


def test_nothing_is_acknowledged_at_the_start() -> None:
    assert Position(0, 0, False) == START
    assert NO_EVIDENCE.tail_length == NO_EVIDENCE.head_length == 0
