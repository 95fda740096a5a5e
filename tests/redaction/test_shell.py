"""An environment variable is set where a line or a command begins, and not amid prose."""

from __future__ import annotations

import pytest

from confab_sync.redaction.shell import may_begin_here


@pytest.mark.parametrize(
    "before",
    [
        b"", b"    ", b"a\n", b"a\n  + ", b"a; ", b"a && ", b"     7\t", b"\xe2\x86\x92",
        b"export ", b"x\nexport  ", b"declare -x ", b"docker run -e ", b"docker --env ",
        b"A=1 ", b"LONG_NAME=value\t", b"x\n$env:", b"x; set ",
    ],
)  # fmt: skip
def test_here_it_may_be_set(before: bytes) -> None:
    assert may_begin_here(before)


@pytest.mark.parametrize(
    "before", [b"word ", b"the ", b"reset ", b"you export ", b"a=1", b"=", b"lower=1 x ", b"7 "]
)
def test_here_it_is_only_mentioned(before: bytes) -> None:
    assert not may_begin_here(before)
