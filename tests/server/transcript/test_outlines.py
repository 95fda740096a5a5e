"""A transcript is read once for its outline, and then only what was added."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from confab_sync.server.pool import StorePool
from confab_sync.server.transcript import outlines as module
from confab_sync.server.transcript.outlines import Outlines
from confab_sync.store.chunks import ROW_BYTES
from confab_sync.store.schema import OWNER
from tests.store.factories import chunk, new_session, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.store.files import FileRow
    from confab_sync.store.store import Store


def typed(text: str) -> bytes:
    return (
        json.dumps({"type": "user", "message": {"role": "user", "content": text}}).encode() + b"\n"
    )


class Rig:
    """A store with one session, and the outlines of it."""

    def __init__(self, store: Store, outlines: Outlines) -> None:
        self.store = store
        self.outlines = outlines
        self.session_id = new_session(store)

    def add(self, data: bytes) -> None:
        opened = self.store.files(self.session_id)
        lines, size = (opened[0].lines, opened[0].bytes) if opened else (0, 0)
        self.store.append(
            self.session_id, chunk(data, first_line=lines + 1, source_end=size + len(data))
        )

    def file(self) -> FileRow:
        found = self.store.sessions_of(OWNER).find_file(self.session_id, "abc.jsonl")
        assert found is not None
        return found

    def turns(self) -> tuple[list[str], int]:
        async def read() -> tuple[list[str], int]:
            async with self.outlines.of(OWNER, self.session_id, self.file()) as outline:
                return [turn.text for turn in outline.turns], outline.lines

        return asyncio.run(read())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    pool = StorePool(lambda: open_store(tmp_path), threads=1)
    with open_store(tmp_path) as store:
        yield Rig(store, Outlines(pool, most=2))
    pool.close()


def test_outline_grows_by_what_was_added(rig: Rig) -> None:
    rig.add(typed("one"))
    assert rig.outlines.missing(rig.session_id, rig.file()) == rig.file().bytes
    assert rig.turns() == (["one"], 1)
    rig.add(typed("two") + b'{"half')
    assert rig.turns() == (["one", "two"], 2)
    assert rig.outlines.missing(rig.session_id, rig.file()) == len(b'{"half')


def test_new_generation_is_another_transcript(rig: Rig) -> None:
    rig.add(typed("one") + typed("two"))
    assert rig.turns() == (["one", "two"], 2)
    rig.store.restart_file(rig.session_id, "abc.jsonl")
    rig.store.append(rig.session_id, chunk(typed("other")))
    assert rig.turns() == (["other"], 1)


def test_line_that_is_too_long_is_passed_over_but_counted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", ROW_BYTES)
    rig.add(typed("one") + b"x" * (5 * ROW_BYTES) + b"\n" + typed("three"))
    assert rig.turns() == (["one", "three"], 3)


def test_only_the_last_ones_are_kept(rig: Rig) -> None:
    sessions = [rig.session_id, new_session(rig.store, "b"), new_session(rig.store, "c")]
    for session_id in sessions:
        rig.session_id = session_id
        rig.add(typed("one"))
        assert rig.turns() == (["one"], 1)
    missing = []
    for session_id in sessions:
        rig.session_id = session_id
        missing.append(rig.outlines.missing(session_id, rig.file()) > 0)
    assert missing == [True, False, False]
