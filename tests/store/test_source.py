"""A session of the store looks like a session anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.store.source import SourceFile, SourceSideFile, StoreSource
from confab_sync.store.values import SideFile

from .factories import NOW, chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_everything_of_the_session_is_told_and_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store, "abc")
        store.append(session_id, chunk(b"\xff\n{}\n", name="abc.jsonl"))
        store.put_side_file(session_id, SideFile("tool-results/x.txt", b"side", 1))
        source = StoreSource(store, store.find_session("abc"))
        assert (source.place, source.session_id, source.external_id) == (
            "embedded",
            session_id,
            "abc",
        )
        moment = NOW.isoformat()
        assert source.files() == [SourceFile("abc.jsonl", "transcript", 2, 5, 1, moment)]
        assert source.side_files() == [SourceSideFile("tool-results/x.txt", 4, moment)]
        assert b"".join(source.read_file("abc.jsonl")) == b"\xff\n{}\n"
        assert b"".join(source.read_side_file("tool-results/x.txt")) == b"side"
