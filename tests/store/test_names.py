"""Only clean relative names become names in the store."""

from __future__ import annotations

import pytest

from confab_sync.errors import StoreError
from confab_sync.store.names import check_name, printable


@pytest.mark.parametrize(
    "name",
    ["a", "a/b", "subagents/workflows/wf_1/journal.jsonl", "ü.txt", "...", "a b?", "x" * 512],
)
def test_clean_name_is_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\0b", "x" * 513, "ü" * 257, "\udcff"],
)
def test_unclean_name_is_refused(name: str) -> None:
    with pytest.raises(StoreError, match="refuses the file name"):
        check_name(name)


def test_terminal_escapes_are_written_out() -> None:
    assert printable("a\x1b[2J\n ü") == "a\\x1b[2J\\n ü"
    assert printable("right\u202eleft\u2066\u2028") == "right\\u202eleft\\u2066\\u2028"


def test_blanks_and_joiners_that_texts_hold_stay_what_they_are() -> None:
    for text in ("全角\u3000空白", "10\u00a0%", "\U0001f469\u200d\U0001f4bb", "\u0646\u200c\u0646"):
        assert printable(text) == text
