"""A soak's balance counts what is missing, what is there twice, and what is merely mended."""

from __future__ import annotations

from integration.soak.compare import Difference

LOCAL = b"one\ntwo\nthree\n"


def difference(local: bytes | None, copied: bytes | None, *, is_sent: bool = False) -> Difference:
    found = Difference()
    found.add("a.jsonl", local, copied, is_sent=is_sent)
    return found


def test_equal_files_do_not_differ() -> None:
    assert difference(LOCAL, LOCAL).is_exact


def test_missing_lines_are_lost() -> None:
    assert difference(LOCAL, b"one\n") == Difference(lost=2)
    assert difference(LOCAL, None).lost == 3


def test_lines_that_are_there_twice_are_doubled() -> None:
    assert difference(LOCAL, LOCAL + b"two\nthree\n") == Difference(doubled=2)


def test_another_order_is_told() -> None:
    found = difference(LOCAL, b"two\none\nthree\n")
    assert not found.is_exact
    assert (found.lost, found.doubled) == (0, 0)


def test_side_file_is_compared_whole() -> None:
    found = Difference()
    found.add("a.txt", b"one", b"two", is_sent=False)
    found.add("b.txt", b"one", None, is_sent=False)
    assert (found.other, found.lost) == (["a.txt"], 1)


def test_what_is_not_utf8_is_mended_on_the_way_to_a_server_only() -> None:
    local, copied = b"one\xc3\n", b"one\xef\xbf\xbd\n"
    sent = difference(local, copied, is_sent=True)
    assert sent.is_exact
    assert sent.repaired == 1
    assert not difference(local, copied).is_exact
