"""Pieces of a file become its lines, wherever they were cut."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.lines import lines_of


@given(st.binary(max_size=60).map(lambda data: data.replace(b"a", b"\n")), st.data())
def test_where_a_file_is_cut_into_pieces_does_not_matter(
    content: bytes, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
    edges = [0, *cuts, len(content)]
    pieces = [content[start:end] for start, end in itertools.pairwise(edges)]
    lines = content.split(b"\n")
    assert list(lines_of(pieces)) == (lines if lines[-1] else lines[:-1])


def test_a_line_is_there_as_soon_as_it_is_whole() -> None:
    def pieces() -> object:
        yield b"one\ntw"
        raise AssertionError("the second piece was asked for too early")

    assert next(lines_of(pieces())) == b"one"  # type: ignore[arg-type]
