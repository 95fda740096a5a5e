"""What sessions used is counted in the background, once, and forgotten with its session."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.claude.usage import Usage
from confab_sync.server.counting import PREFIX, Counter, Progress, key, parts_of
from confab_sync.store.index import SearchIndex
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo
from tests.server.serving import MovableClock

if TYPE_CHECKING:
    from pathlib import Path


def row(text: str) -> bytes:
    told = {"type": "user", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": text}}
    return json.dumps(told).encode() + b"\n"


class Place:
    """A store, its index, and a counter for them."""

    def __init__(self, directory: Path) -> None:
        self._store, self._index = str(directory / "store.db"), str(directory / "search.db")
        self.store = self.open()
        self.counter = Counter(self.open, self.open_index)

    def open(self) -> Store:
        return Store.open(self._store, clock=MovableClock())

    def open_index(self) -> SearchIndex:
        return SearchIndex(self._index)

    def append(self, session: str, data: bytes, first: int = 1, end: int = 0) -> int:
        chunk = Chunk("t.jsonl", "transcript", first, data.count(b"\n"), data, end + len(data))
        self.store.append(session, chunk)
        return end + len(data)

    def session(self, name: str = "e") -> str:
        return self.store.open_session(SessionInfo("claude-code", name, "/t")).session_id

    def counted(self) -> dict[str, Usage]:
        with closing(self.open_index()) as index:
            facts = index.facts.beginning([PREFIX])
        return {parts_of(name)[0]: Usage.from_json(fact.text) for name, fact in facts.items()}

    def close(self) -> None:
        self.counter.close()
        self.store.close()


def test_what_is_added_is_counted_and_told(tmp_path: Path) -> None:
    with closing(Place(tmp_path)) as place:
        session = place.session()
        end = place.append(session, row("one") + row("two"))
        progress = place.counter.catch_up(60)
        assert progress == Progress(end, end)
        assert progress.is_whole
        assert place.counted()[session].turns == {"2026-01-01T00:00": 2}
        mark = place.counter.mark()
        place.append(session, row("three"), 3, end)
        assert place.counter.catch_up(60).is_whole
        assert place.counted()[session].turns == {"2026-01-01T00:00": 3}
        assert place.counter.mark() > mark


def test_deleted_session_is_forgotten(tmp_path: Path) -> None:
    with closing(Place(tmp_path)) as place:
        gone, stays = place.session("a"), place.session("b")
        for session in (gone, stays):
            place.append(session, row("one"))
        place.counter.catch_up(60)
        place.store.delete_session(gone)
        place.counter.catch_up(60)
        assert set(place.counted()) == {stays}


def test_nothing_is_counted_anew_when_nothing_changed(tmp_path: Path) -> None:
    with closing(Place(tmp_path)) as place:
        place.append(place.session(), row("one"))
        place.counter.catch_up(60)
        mark = place.counter.mark()
        place.counter.catch_up(60)
        assert place.counter.mark() == mark


def test_closing_ends_whoever_waits(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.counter.catch_up(60)
    place.close()
    assert place.counter.catch_up(60).is_whole


def test_progress_says_a_hundred_only_at_the_end() -> None:
    assert Progress(0, 0).percent == 100
    assert Progress(999, 1000).percent == 99
    assert Progress(1, 3).percent == 33


def test_key_gives_back_what_it_is_made_of() -> None:
    assert parts_of(key("id", "agent", "subagents/a.jsonl")) == ("id", "agent")
