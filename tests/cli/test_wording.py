"""Paths, counts and sizes in words."""

from __future__ import annotations

import pytest

from confab_sync.cli.wording import counted, short_path, size_in_words


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/u/.confab", "~/.confab"),
        ("/home/u", "~"),
        ("/home/user2/x", "/home/user2/x"),
        ("/home/u/\udcff", "~/\\udcff"),
    ],
)
def test_the_home_directory_is_a_tilde(path: str, shown: str) -> None:
    assert short_path(path, {"HOME": "/home/u"}) == shown


def test_a_count_agrees_with_its_noun() -> None:
    assert [counted(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (5_000_000_000, "5.0 GB"),
    ],
)
def test_a_size_has_a_unit_that_leaves_few_digits(size: int, words: str) -> None:
    assert size_in_words(size) == words


def test_a_path_cannot_steer_the_terminal() -> None:
    assert short_path("/home/me/\x1b[2J", {"HOME": "/home/me"}) == "~/\\x1b[2J"
