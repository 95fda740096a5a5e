"""The index says of every word where it is, and keeps no trace of what is gone."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.store.index import SearchIndex
from confab_sync.store.indexed import Passage
from confab_sync.store.values import Lines, SessionInfo
from confab_sync.store.words import question
from tests.store.factories import chunk, new_session, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from confab_sync.store.store import Store


def every_line(kind: str, lines: Iterable[bytes], first: int) -> Iterator[Passage]:
    for number, line in enumerate(lines, first):
        yield Passage(number, kind, None, line.decode())


@contextmanager
def open_both(directory: Path) -> Iterator[tuple[Store, SearchIndex]]:
    with open_store(directory) as store, closing(SearchIndex(str(directory / "i.db"))) as index:
        yield store, index


def where(index: SearchIndex, store: Store, asked: str) -> list[tuple[str, int]]:
    """File and line of everything found, in order."""
    ids = [session.session_id for session in store.sessions()]
    found = index.search(question(asked), ids)
    return sorted((each.file, each.passage.line) for each in found)


def test_a_word_is_found_in_its_line(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        store.append(new_session(store), chunk(b"one\ntwo\n"))
        assert index.update(store, every_line)
        assert where(index, store, "two") == [("abc.jsonl", 2)]
        (found,) = index.search(question("two"), [store.sessions()[0].session_id])
        assert found.passage == Passage(2, "transcript", None, "two")


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    read: list[bytes] = []

    def noting(kind: str, lines: Iterable[bytes], first: int) -> Iterator[Passage]:
        numbered = list(lines)
        read.extend(numbered)
        return every_line(kind, numbered, first)

    with open_both(tmp_path) as (store, index):
        session = new_session(store)
        store.append(session, chunk(b"one\n"))
        index.update(store, noting)
        store.append(session, chunk(b"two\n", first_line=2, source_end=8))
        index.update(store, noting)
        index.update(store, noting)
        assert read == [b"one", b"two"]
        assert where(index, store, "two") == [("abc.jsonl", 2)]


def test_a_last_line_without_newline_is_found_before_and_after_it_is_closed(
    tmp_path: Path,
) -> None:
    with open_both(tmp_path) as (store, index):
        session = new_session(store)
        store.append(session, chunk(b"one\ntwo"))
        index.update(store, every_line)
        assert where(index, store, "two") == [("abc.jsonl", 2)]
        store.append(session, chunk(b"\nthree\n", first_line=3, after_open_end=True))
        index.update(store, every_line)
        assert where(index, store, "two") == [("abc.jsonl", 2)]
        assert where(index, store, "three") == [("abc.jsonl", 3)]


def test_a_new_generation_replaces_the_old_one(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        session = new_session(store)
        store.append(session, chunk(b"old\nsame\n"))
        index.update(store, every_line)
        store.restart_file(session, "abc.jsonl")
        store.append(session, chunk(b"new\nsame\n"))
        index.update(store, every_line)
        assert where(index, store, "old") == []
        assert where(index, store, "same") == [("abc.jsonl", 2)]


def test_a_deleted_session_leaves_the_index(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        session = new_session(store)
        store.append(session, chunk(b"one\n"))
        index.update(store, every_line)
        store.delete_session(session)
        index.update(store, every_line)
        assert index.search(question("one"), [session]) == []


def test_nothing_of_a_forgotten_session_stays_on_disk(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        session = new_session(store)
        store.append(session, chunk(b"unforgettable\n"))
        index.update(store, every_line)
        files = [tmp_path / "i.db", tmp_path / "i.db-wal"]
        assert any(b"unforgett" in file.read_bytes() for file in files if file.exists())
        index.forget(session)
    assert not any(b"unforgett" in file.read_bytes() for file in files if file.exists())


def test_other_sessions_are_not_searched(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        one, other = new_session(store, "one"), new_session(store, "other")
        for session in (one, other):
            store.append(session, chunk(b"word\n"))
        index.update(store, every_line)
        assert [each.session_id for each in index.search(question("word"), [other])] == [other]


def test_two_processes_do_not_index_at_once(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        store.append(new_session(store), chunk(b"one\n"))

        def while_at_it(kind: str, lines: Iterable[bytes], first: int) -> Iterator[Passage]:
            with closing(SearchIndex(str(tmp_path / "i.db"))) as second:
                assert not second.update(store, every_line)
            return every_line(kind, lines, first)

        assert index.update(store, while_at_it)
        assert where(index, store, "one") == [("abc.jsonl", 1)]


def test_an_interrupted_update_goes_on_where_it_was(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def breaking(kind: str, lines: Iterable[bytes], first: int) -> Iterator[Passage]:
        yield from every_line(kind, list(lines)[:1], first)
        raise Interrupted

    with open_both(tmp_path) as (store, index):
        store.append(new_session(store), chunk(b"one\ntwo\n"))
        with pytest.raises(Interrupted):
            index.update(store, breaking)
        assert where(index, store, "one") == []
        index.update(store, every_line)
        assert where(index, store, "one") == [("abc.jsonl", 1)]


def test_progress_ends_with_everything_done(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with open_both(tmp_path) as (store, index):
        store.append(new_session(store, "one"), chunk(b"x\n" * 10))
        store.append(new_session(store, "two"), chunk(b"y\n" * 5))
        index.update(store, every_line, lambda done, whole: told.append((done, whole)))
    assert told[-1] == (30, 30)
    assert [whole for _, whole in told] == [30] * len(told)


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.lists(st.sampled_from(["a", "b", "c d", ""]), max_size=4), max_size=5))
def test_in_how_many_steps_a_file_grew_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[str]]
) -> None:
    with open_both(tmp_path_factory.mktemp("grown")) as (store, index):
        session = new_session(store)
        written: list[str] = []
        size = 0
        for part in parts:
            if part:
                data = "".join(f"{line}\n" for line in part).encode()
                size += len(data)
                grown = chunk(data, first_line=len(written) + 1, source_end=size)
                store.append(session, grown)
                written += part
            index.update(store, every_line)
        for word in "abcd":
            expected = [("abc.jsonl", n) for n, line in enumerate(written, 1) if word in line]
            assert where(index, store, word) == expected


def test_a_session_that_is_deleted_meanwhile_keeps_nobody_from_the_others(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        for name in ("one", "two"):
            store.append(new_session(store, name), chunk(b"word\n"))

        def deleting(kind: str, lines: Iterable[bytes], first: int) -> Iterator[Passage]:
            with open_store(tmp_path) as other:
                for session in other.sessions():
                    if session.session_id != extents.session_id:
                        other.delete_session(session.session_id)
            return every_line(kind, lines, first)

        extents = store.extents()[0]
        assert index.update(store, deleting)
        assert index.update(store, every_line)
        assert len(where(index, store, "word")) == 1


def test_sessions_of_all_users_are_taken_in(tmp_path: Path) -> None:
    with open_both(tmp_path) as (store, index):
        ann = store.sessions_of(store.accounts.add_user("ann@example.com").id)
        theirs = ann.open(SessionInfo("claude-code", "theirs", "/t")).session_id
        ann.append(theirs, Lines("t.jsonl", "transcript", 1, [b"word"], 10))
        index.update(store, every_line)
        assert [each.session_id for each in index.search(question("word"), [theirs])] == [theirs]
