"""What is passed over without being parsed could not have been found."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.passages import passages
from confab_sync.cli.disk_search import _lines, _plain_words, _shown
from confab_sync.errors import SearchError
from confab_sync.store.scratch_index import ScratchIndex
from confab_sync.store.words import question

if TYPE_CHECKING:
    import pytest

LETTERS = st.sampled_from([*"aAbé1 -_", "\ufb01", "\uff37", "\n", "検", "索", '"', "e", "\u0301"])
TEXTS = st.text(LETTERS, max_size=8)


def hits(lines: list[bytes], asked: str) -> list[int]:
    with closing(ScratchIndex()) as index:
        index.add("s", "f", passages("transcript", lines))
        return sorted(each.passage.line for each in index.search(question(asked), 100))


@given(
    said=st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=4),
    asked=st.text(st.one_of(LETTERS, st.sampled_from("*- ")), min_size=1, max_size=6),
)
def test_the_same_is_found_as_if_every_line_were_parsed(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, bool]], asked: str
) -> None:
    try:
        texts = question(asked).texts
    except SearchError:
        return
    lines = [
        json.dumps(
            {"type": "user", "message": {"role": "user", "content": text}}, ensure_ascii=escaped
        ).encode()
        for text, escaped in said
    ]
    path = tmp_path_factory.mktemp("disk") / "t.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    looked_at = list(_lines(str(path), _plain_words(texts)))
    assert hits(looked_at, asked) == hits(lines, asked)


def test_lines_that_cannot_say_it_are_passed_over(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("disk") / "t.jsonl"
    path.write_bytes(b"a shark\na WHALE\n")
    assert list(_lines(str(path), _plain_words(["whale"]))) == [b"", b"a WHALE\n"]


def test_a_title_is_masked_before_it_is_cut() -> None:
    secret = "ghp_" + "a1B2" * 9
    assert _shown(f"{'x ' * 90}{secret}", lambda text: text.replace(secret, "*")) == "x " * 90 + "*"
