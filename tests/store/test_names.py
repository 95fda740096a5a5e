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
