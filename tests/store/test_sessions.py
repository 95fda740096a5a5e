"""Sessions are found or created, and remember what clients say of them (contract §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from confab_sync.errors import DeletedSession, StoreError, UnknownSession
from confab_sync.store.store import Store
from confab_sync.store.values import ChunkMetadata, SessionInfo, StoredSession

from .factories import NOW, Clock, chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def the_session(store: Store) -> StoredSession:
    (session,) = store.sessions()
    return session


def say(
    store: Store, session_id: str, line: int, file_type: str = "transcript", **what: Any
) -> None:
    name = f"{file_type}.jsonl"
    metadata = ChunkMetadata(**what)
    store.append(
        session_id,
        chunk(
            b"x\n",
            first_line=line,
            name=name,
            file_type=file_type,
            source_end=line,
            metadata=metadata,
        ),
    )


def test_opening_again_gives_the_same_session(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        first = new_session(store)
        assert new_session(store) == first
        assert len(store.sessions()) == 1


def test_same_id_at_another_provider_is_another_session(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        first = new_session(store)
        assert store.open_session(SessionInfo("codex", "abc", "/t")).session_id != first


def test_opening_tells_how_far_each_file_is_stored(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        opened = store.open_session(SessionInfo("claude-code", "abc", "/t"))
        assert opened.files == {}
        store.append(opened.session_id, chunk(b"1\n2", source_end=7))
        again = store.open_session(SessionInfo("claude-code", "abc", "/t"))
        position = again.files["abc.jsonl"]
        assert (position.lines, position.source_bytes, position.open_end) == (2, 7, True)
        assert (position.generation, position.file_type) == (1, "transcript")


def test_opening_again_overwrites_what_is_said_and_keeps_what_is_not(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        full = SessionInfo("claude-code", "abc", "/one", "/cwd", "host", "ann", {"branch": "b"})
        store.open_session(full)
        store.open_session(SessionInfo("claude-code", "abc", "/two", "", "", None, None))
        kept = the_session(store)
        assert kept.transcript_path == "/two"
        assert (kept.cwd, kept.hostname, kept.username) == ("/cwd", "host", "ann")
        assert kept.git_info == {"branch": "b"}
        store.open_session(SessionInfo("claude-code", "abc", "/two", "/c", "h", "u", {}))
        changed = the_session(store)
        assert (changed.cwd, changed.hostname, changed.username) == ("/c", "h", "u")
        assert changed.git_info == {}


def test_opening_again_moves_last_sync_and_not_first_seen(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        new_session(store)
        clock.advance(hours=1)
        new_session(store)
        session = the_session(store)
        assert (session.first_seen, session.last_sync_at) == (NOW, NOW + timedelta(hours=1))


def test_last_summary_wins_even_when_empty(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for line, (said, expected) in enumerate(
            [(None, None), ("one", "one"), (None, "one"), ("", ""), ("a\0b", "a\0b")], start=1
        ):
            say(store, session_id, line, summary=said)
            assert the_session(store).summary == expected


def test_first_user_message_wins_for_ever_even_when_empty(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for line, said in enumerate([None, "", "later"], start=1):
            say(store, session_id, line, first_user_message=said)
        assert the_session(store).first_user_message == ""


def test_last_git_info_wins_whole(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for line, said in enumerate([{"branch": "a", "x": "\0"}, None, ["odd"], None], start=1):
            say(store, session_id, line, git_info=said)
        assert the_session(store).git_info == ["odd"]


def test_newest_message_time_wins_unless_it_is_far_ahead(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        hours = [-5, -9, 47, 49, 1]
        for line, ahead in enumerate(hours, start=1):
            say(store, session_id, line, latest_message_at=NOW + timedelta(hours=ahead))
        assert the_session(store).last_message_at == NOW + timedelta(hours=47)


def test_earlier_creation_lowers_first_seen(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for line, ago in enumerate([3, 8, 5, -2], start=1):
            say(store, session_id, line, created_at=NOW - timedelta(days=ago))
        assert the_session(store).first_seen == NOW - timedelta(days=8)


def test_agent_files_say_nothing_of_the_session_but_that_it_was_synced(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        session_id = new_session(store)
        before = the_session(store)
        clock.advance(minutes=1)
        say(
            store, session_id, 1, "agent", summary="s", first_user_message="f", git_info=1,
            latest_message_at=NOW, created_at=NOW - timedelta(days=1),
        )  # fmt: skip
        after = the_session(store)
        assert after.last_sync_at == NOW + timedelta(minutes=1)
        for name in ("summary", "first_user_message", "git_info", "last_message_at", "first_seen"):
            assert getattr(after, name) == getattr(before, name)


def test_path_that_is_no_unicode_is_kept_readable(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.open_session(SessionInfo("claude-code", "abc", "/caf\udce9.jsonl"))
        assert the_session(store).transcript_path == "/caf\\udce9.jsonl"


@pytest.mark.parametrize("external_id", ["", "x" * 513, "a\0b"])
def test_impossible_id_is_refused(tmp_path: Path, external_id: str) -> None:
    with open_store(tmp_path) as store, pytest.raises(StoreError, match="session id"):
        new_session(store, external_id)


def test_most_recent_message_is_listed_first(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        old = new_session(store, "old")
        clock.advance(hours=1)
        new_session(store, "new")
        assert [session.external_id for session in store.sessions()] == ["new", "old"]
        say(store, old, 1, latest_message_at=clock.now + timedelta(minutes=1))
        assert [session.external_id for session in store.sessions()] == ["old", "new"]


def test_listing_counts_the_newest_generations(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n2\n3\n"))
        store.restart_file(session_id, "abc.jsonl")
        store.append(session_id, chunk(b"1\n"))
        store.append(session_id, chunk(b"22\n", name="agent-1.jsonl", file_type="agent"))
        session = the_session(store)
        assert (session.files, session.lines, session.bytes) == (2, 2, 5)


def test_deleted_session_is_unknown_and_comes_back_empty_under_a_new_id(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        old = new_session(store)
        store.append(old, chunk(b"1\n"))
        store.delete_session(old)
        with pytest.raises(UnknownSession):
            store.append(old, chunk(b"2\n", first_line=2))
        with pytest.raises(UnknownSession):
            store.add_event(old, "session_end", NOW, None)
        with pytest.raises(UnknownSession):
            store.delete_session(old)
        opened = store.open_session(SessionInfo("claude-code", "abc", "/t"))
        assert opened.session_id != old
        assert opened.files == {}
        assert store.size().raw_bytes == 0


def test_a_session_that_was_deleted_is_told_from_one_that_another_store_had(
    tmp_path: Path,
) -> None:
    info = SessionInfo("claude-code", "abc", "/t")
    with Store.open(str(tmp_path / "one.db"), clock=Clock()) as store:
        old = store.open_session(info).session_id
        store.delete_session(old)
        with pytest.raises(DeletedSession):
            store.append(old, chunk(b"1\n"))
        with pytest.raises(DeletedSession):
            store.open_session(replace(info, known_id=old))
        assert store.sessions() == []
    with Store.open(str(tmp_path / "two.db"), clock=Clock()) as store:
        with pytest.raises(UnknownSession) as caught:
            store.append(old, chunk(b"1\n"))
        assert not isinstance(caught.value, DeletedSession)
        assert store.open_session(replace(info, known_id=old)).session_id != old
