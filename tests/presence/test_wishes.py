"""Each configuration directory has a moment of its own from which on old sessions are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.paths import FinisherPaths
from confab_sync.presence import due
from confab_sync.presence.wishes import Wishes, place

if TYPE_CHECKING:
    from pathlib import Path


def test_a_wish_for_one_directory_is_none_for_the_others(tmp_path: Path) -> None:
    paths = FinisherPaths(str(tmp_path))
    due.put_off(place(paths, None), 1000.0)
    due.put_off(place(paths, "/w"), 2000.0)
    wishes = Wishes(paths, ("/w", "/other"))
    assert wishes.since("/home/me/.claude/projects/-p/a.jsonl") == 1000.0
    assert wishes.since("/w/projects/-p/a.jsonl") == 2000.0
    assert wishes.since("/other/projects/-p/a.jsonl") == 0.0


def test_without_bound_directories_there_is_one_wish(tmp_path: Path) -> None:
    paths = FinisherPaths(str(tmp_path))
    due.put_off(place(paths, None), 1000.0)
    assert Wishes(paths).since("/w/projects/-p/a.jsonl") == 1000.0


def test_nothing_is_wanted_of_a_directory_that_was_let_go(tmp_path: Path) -> None:
    wishes = Wishes(FinisherPaths(str(tmp_path)), ("/w", "/gone"), ("/gone",))
    assert wishes.wants_nothing("/gone/projects/-p/a.jsonl")
    assert not wishes.wants_nothing("/w/projects/-p/a.jsonl")
    assert not wishes.wants_nothing("")
