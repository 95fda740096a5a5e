"""Each user has sessions of their own, made of lines, beside those of the embedded daemons."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.errors import ForeignSession, NotContiguous, TooManyChunks, UnknownSession
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.links import NewLink
from confab_sync.store.schema import MIGRATIONS, OWNER
from confab_sync.store.values import Json, Lines, SessionInfo, SideFile

from .factories import Clock, chunk, content, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.store.store import Store

INFO = SessionInfo("claude-code", "abc", "/p/abc.jsonl")
LINK = NewLink("commit", "https://github.com/a/b/commit/1", "a", "b", "1", "manual")


def lines(*texts: bytes, first_line: int = 1, name: str = "abc.jsonl", limit: int = 9) -> Lines:
    return Lines(name, "transcript", first_line, texts, limit)


def another_user(store: Store) -> int:
    return store.accounts.add_user("ann@example.com").id


def test_same_external_id_is_another_session_for_each_user(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ann = store.sessions_of(another_user(store))
        mine, hers = new_session(store), ann.open(INFO).session_id
        assert mine != hers
        assert [session.session_id for session in store.sessions()] == [mine]
        assert [session.session_id for session in ann.listing()] == [hers]
        assert store.sessions_of(OWNER).open(INFO).session_id == mine


def test_foreign_session_is_out_of_reach(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ann = store.sessions_of(another_user(store))
        mine = new_session(store)
        side = SideFile("a", b"", 0)
        for attempt in (
            lambda: ann.append(mine, lines(b"x")),
            lambda: ann.add_event(mine, "session_end", Clock().now, None),
            lambda: ann.put_link(mine, LINK),
            lambda: ann.links(mine),
            lambda: ann.files(mine),
            lambda: ann.find(mine),
            lambda: ann.find_file(mine, "abc.jsonl"),
            lambda: ann.put_side_file(mine, side),
            lambda: ann.set_summary("abc", "s"),
            lambda: ann.delete(mine),
            lambda: store.append(ann.open(INFO).session_id, chunk(b"x\n")),
        ):
            with pytest.raises(ForeignSession):
                attempt()
        with pytest.raises(UnknownSession):
            store.sessions_of(OWNER).set_summary("nothing", "s")
        assert store.files(mine) == []


@settings(deadline=None)
@given(st.lists(st.lists(st.binary(max_size=20), min_size=1, max_size=4), max_size=5))
def test_lines_come_back_from_any_line_on(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[bytes]]
) -> None:
    parts = [[line.replace(b"\n", b"\r") for line in part] for part in parts]
    with open_store(tmp_path_factory.mktemp("store")) as store:
        sessions = store.sessions_of(OWNER)
        session_id = sessions.open(INFO).session_id
        sent: list[bytes] = []
        for part in parts:
            number = sessions.append(session_id, lines(*part, first_line=len(sent) + 1))
            sent += part
            assert number == len(sent)
        assert b"".join(sessions.whole(session_id, "abc.jsonl")) == b"".join(
            line + b"\n" for line in sent
        )
        file = sessions.find_file(session_id, "abc.jsonl")
        for line in range(1, len(sent) + 2):
            if file is not None:
                start = sessions.start_of_line(file, line)
                rest = b"".join(line + b"\n" for line in sent[line - 1 :])
                assert (sessions.piece(file, start) if rest else b"") == rest
        assert store.check() == []


def test_chunks_that_came_over_http_are_counted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        sessions = store.sessions_of(OWNER)
        session_id = sessions.open(INFO).session_id
        for line in (1, 2, 3):
            sessions.append(session_id, lines(b"x", first_line=line, limit=3))
        with pytest.raises(NotContiguous):
            sessions.append(session_id, lines(b"x", first_line=9, limit=3))
        with pytest.raises(TooManyChunks):
            sessions.append(session_id, lines(b"x", first_line=4, limit=3))
        for line in range(4, 9):
            store.append(session_id, chunk(b"x\n", first_line=line, source_end=2 * line))
        sessions.append(session_id, lines(b"x", first_line=9, limit=4))


def test_lines_follow_on_what_a_daemon_left_without_a_newline(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b'{"a":1}'))
        assert store.sessions_of(OWNER).append(session_id, lines(b"b", first_line=2)) == 2
        assert content(store, session_id) == b'{"a":1}\nb\n'


def test_link_to_the_same_thing_keeps_its_id(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        sessions = store.sessions_of(OWNER)
        session_id = sessions.open(INFO).session_id
        first = sessions.put_link(session_id, LINK)
        found = NewLink("commit", "http://github.com/a/b/commit/1", "a", "b", "1", "x", "Title")
        sessions.append(session_id, lines(b"x"), [found])
        (kept,) = sessions.links(session_id)
        assert (kept.id, kept.link) == (first.id, found)
        assert sessions.all_links() == {session_id: [kept]}
        sessions.delete(session_id)
        assert sessions.all_links() == {}


def test_null_says_more_than_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        sessions = store.sessions_of(OWNER)
        for given_info, kept in (({"a": 1}, {"a": 1}), (None, {"a": 1}), (Json.NULL, None)):
            info = SessionInfo("claude-code", "abc", "/t", git_info=given_info)
            assert sessions.find(sessions.open(info).session_id).git_info == kept


def test_live_fields_are_kept_with_their_moment(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        sessions = store.sessions_of(OWNER)
        session_id = sessions.open(INFO, {"phase": "waiting"}).session_id
        clock.advance(minutes=1)
        sessions.append(session_id, lines(b"x"))
        sessions.add_event(session_id, "session_end", clock.now, None, {"phase": "gone"})
        session = sessions.find(session_id)
        assert (session.live, session.live_at) == ({"phase": "gone"}, clock.now)


def test_store_from_before_there_were_users_belongs_to_the_owner(tmp_path: Path) -> None:
    before = DatabaseOptions(migrations=MIGRATIONS[:1])
    open_store(tmp_path, options=before).close()
    connection = sqlite3.connect(tmp_path / "store.db")
    with connection:
        connection.execute(
            "INSERT INTO sessions VALUES (7, 'u-1', 'claude-code', 'abc', '/t', '/c', NULL, NULL,"
            " NULL, 'S', NULL, '2026-01-01T00:00:00.000000+00:00',"
            " '2026-01-01T00:00:00.000000+00:00', NULL)"
        )
        connection.execute("INSERT INTO files VALUES (3, 7, 'f', 1, 'agent', 0, 0, 0, 0, '')")
        connection.execute("INSERT INTO events VALUES (1, 7, 'session_end', '', NULL, '')")
    connection.close()
    with open_store(tmp_path) as store:
        (session,) = store.sessions()
        assert (session.session_id, session.summary, session.cwd) == ("u-1", "S", "/c")
        assert new_session(store) == "u-1"
        assert store.append("u-1", chunk(b"x\n", name="f", file_type="agent")) == 1
        assert store.check() == []
        store.delete_session("u-1")
        assert store.check() == []


def test_side_files_are_read_back_by_their_owner_only(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ann = store.sessions_of(another_user(store))
        hers = ann.open(INFO).session_id
        ann.put_side_file(hers, SideFile("b", b"\0b", 1))
        ann.put_side_file(hers, SideFile("a", b"", 1))
        assert [(file.name, file.bytes) for file in ann.side_files(hers)] == [("a", 0), ("b", 2)]
        assert ann.read_side_file(hers, "b") == b"\0b"
        assert ann.read_side_file(hers, "a") == b""
        assert ann.read_side_file(hers, "c") is None
        owner = store.sessions_of(OWNER)
        with pytest.raises(ForeignSession):
            owner.side_files(hers)
        with pytest.raises(ForeignSession):
            owner.read_side_file(hers, "b")
