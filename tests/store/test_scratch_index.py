"""What is searched once is found as the index beside the store finds it."""

from __future__ import annotations

from contextlib import closing

from confab_sync.store.scratch_index import ScratchIndex
from confab_sync.store.words import question


def test_the_best_passages_are_found_with_where_they_stand() -> None:
    with closing(ScratchIndex()) as index:
        index.add("one", "a.jsonl", [(1, "user", None, "a whale"), (2, "user", None, "a shark")])
        index.add("two", "b.jsonl", [(7, "assistant", "2026-01-01T00:00:00Z", "whale, whale")])
        found = index.search(question("whale"), 10)
        assert {(each.session_id, each.file, each.passage.line) for each in found} == {
            ("one", "a.jsonl", 1),
            ("two", "b.jsonl", 7),
        }
        assert len(index.search(question("whale"), 1)) == 1


def test_scripts_without_blanks_and_accents_are_understood() -> None:
    with closing(ScratchIndex()) as index:
        index.add("one", "a.jsonl", [(1, "user", None, "全文検索 au café")])
        for asked in ("検索", "cafe", '"au café"', "caf*"):
            assert index.search(question(asked), 10), asked
        assert not index.search(question("cafe -検索"), 10)
