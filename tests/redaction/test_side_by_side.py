"""Two threads mask what one would, and what goes wrong in either of them is not passed over."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.redaction.masker import Masked
from confab_sync.redaction.side_by_side import LARGE, mask_side_by_side
from tests.redaction.maskers import ENGINES, engine, masker

SECRET = "hunt" + "er2x"
LINES = (
    b"\n",
    b"plain\n",
    b"tail without newline",
    json.dumps({"password": SECRET}).encode() + b"\n",
    json.dumps({"text": "API_KEY=" + "Q3v9" * 6}).encode() + b"\n",
    b"-----BEGIN PRIVATE " + b"KEY-----\n",
)


@pytest.mark.parametrize("name", ENGINES)
@given(lines=st.lists(st.sampled_from(LINES), max_size=12))
def test_halves_give_what_the_whole_gives(name: str, lines: list[bytes]) -> None:
    data = b"".join(lines)
    whole = masker(name).mask_lines(data)
    halves = mask_side_by_side(masker(name), data, large=0)
    assert (halves.data, dict(halves.counts)) == (whole.data, dict(whole.counts))
    assert (halves.data is data) == (whole.data is data)


class Notes:
    """Stands for a masker: says what it was given, and cannot mask one word."""

    def __init__(self, cannot: bytes = b"nothing") -> None:
        self.given: list[bytes] = []
        self._cannot = cannot

    def mask_lines(self, data: bytes) -> Masked:
        self.pieces(data, 0, len(data), Counter())
        return Masked(data, {})

    def pieces(
        self, data: bytes, start: int, stop: int, counts: Counter[str]
    ) -> list[bytes | memoryview]:
        self.given.append(data[start:stop])
        if self._cannot in data[start:stop]:
            raise ValueError("cannot be masked")
        return []


def test_large_data_is_cut_between_two_lines() -> None:
    notes = Notes()
    data = b"x" * 99 + b"\n"
    mask_side_by_side(notes, data * (LARGE // 100 + 1))  # type: ignore[arg-type]
    assert len(notes.given) == 2
    assert sum(map(len, notes.given)) == len(data) * (LARGE // 100 + 1)
    assert all(half.endswith(b"\n") for half in notes.given)


def test_one_long_line_is_not_cut() -> None:
    notes = Notes()
    mask_side_by_side(notes, b"x" * 2 * LARGE + b"\n")  # type: ignore[arg-type]
    assert len(notes.given) == 1


@pytest.mark.parametrize("data", [b"bad\ngood\n", b"good\nbad\n"])
def test_nothing_comes_back_when_one_half_cannot_be_masked(data: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be masked"):
        mask_side_by_side(Notes(b"bad"), data, large=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ENGINES)
@given(lines=st.lists(st.sampled_from(LINES[:2] + LINES[3:]), max_size=12), data=st.data())
def test_a_window_is_looked_at_as_if_it_were_all(
    name: str, lines: list[bytes], data: st.DataObject
) -> None:
    first, last = sorted(data.draw(st.integers(0, len(lines))) for _ in range(2))
    start, stop = (len(b"".join(lines[:number])) for number in (first, last))
    whole = b"".join(lines)
    pieces = masker(name).pieces(whole, start, stop, Counter())
    alone = masker(name).mask_lines(whole[start:stop]).data
    assert (b"".join(pieces) or whole[start:stop]) == alone


def test_a_finder_may_be_asked_again_before_it_has_answered() -> None:
    finder = engine("re2").finder([["aaa"], ["bbb"]], ["aa"])
    data = b"aaa\nbbb\n" * 10
    lines = finder.lines(data)
    first = next(lines)
    list(finder.lines(data))  # what another thread does
    assert [first, *lines] == list(finder.lines(data))
    assert len(list(finder.lines(data))) == 20
