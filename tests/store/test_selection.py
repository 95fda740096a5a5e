"""Sessions are found by what a person remembers of them, in the order that was asked for."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.store.database import DatabaseOptions
from confab_sync.store.schema import MIGRATIONS, OWNER
from confab_sync.store.selected import Wanted
from confab_sync.store.selection import LIVE_FOR
from confab_sync.store.values import ChunkMetadata, SessionInfo

from .factories import NOW, Clock, chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.store.selected import Order
    from confab_sync.store.store import Store


def fill(store: Store, external_id: str, data: bytes = b"1\n", **known: object) -> str:
    """A session with some lines."""
    branch = known.pop("branch", None)
    info = SessionInfo(
        "claude-code",
        external_id,
        "/t.jsonl",
        git_info={"branch": branch} if branch else None,
        **known,  # type: ignore[arg-type]
    )
    session_id = store.open_session(info).session_id
    store.append(session_id, chunk(data, name=f"{external_id}.jsonl"))
    return session_id


def selected(store: Store, wanted: Wanted | None = None, **how: object) -> list[str]:
    """The external ids of what is found."""
    sessions = store.sessions_of(OWNER).select(wanted or Wanted(), **how)  # type: ignore[arg-type]
    return [session.external_id for session in sessions.sessions]


def test_newest_comes_first_and_sessions_without_lines_are_left_out(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        fill(store, "old")
        clock.advance(hours=1)
        fill(store, "new")
        new_session(store, "empty")
        assert selected(store) == ["new", "old"]
        assert selected(store, descending=False) == ["old", "new"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(project="/app"), ["a", "b"]),
        (Wanted(branch="main"), ["a"]),
        (Wanted(branch="main' OR 1=1 --"), []),
        (Wanted(machine="laptop"), ["b", "c"]),
        (Wanted(user="ann"), ["c"]),
        (Wanted(project="/app", machine="laptop"), ["b"]),
        (Wanted(since=NOW + timedelta(hours=2)), ["c"]),
        (Wanted(until=NOW + timedelta(hours=1)), ["a"]),
        (Wanted(only=["00000001-0000-4000-8000-000000000000"]), ["b"]),
        (Wanted(only=[]), []),
    ],
)
def test_sessions_are_narrowed(tmp_path: Path, wanted: Wanted, found: list[str]) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        fill(store, "a", cwd="/app", hostname="desk", branch="main")
        clock.advance(hours=1)
        fill(store, "b", cwd="/app", hostname="laptop", branch="fix")
        clock.advance(hours=1)
        fill(store, "c", cwd="/lib", hostname="laptop", username="ann")
        assert selected(store, wanted, descending=False) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [("bytes", ["b", "c", "a"]), ("masked", ["c", "b", "a"]), ("cwd", ["b", "a", "c"])],
)
def test_sessions_are_ordered(tmp_path: Path, order: Order, found: list[str]) -> None:
    with open_store(tmp_path) as store:
        fill(store, "a", b"1\n", cwd="/2")
        fill(store, "b", b"1234567 [REDACTED:KEY]\n" * 4, cwd="/3")
        fill(store, "c", b"[REDACTED:KEY]" * 5 + b"\n", cwd="/1")
        assert selected(store, order=order) == found


def test_pages_go_on_where_the_one_before_ended(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for number in range(5):
            fill(store, f"s{number}")
        first = store.sessions_of(OWNER).select(Wanted(), limit=3)
        rest = store.sessions_of(OWNER).select(Wanted(), limit=3, offset=3)
        assert (first.total, rest.total) == (5, 5)
        assert first.bytes == 10
        assert [s.external_id for s in first.sessions + rest.sessions] == [
            *("s4", "s3", "s2", "s1", "s0")
        ]


def test_state_is_told_by_what_came_last(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        for name in ("ended", "resumed", "quiet"):
            session_id = fill(store, name)
            if name != "quiet":
                store.add_event(session_id, "session_end", clock(), None)
        clock.advance(seconds=LIVE_FOR.total_seconds() + 1)
        new_session(store, "resumed")
        shown = {s.external_id: s.state for s in store.sessions_of(OWNER).select(Wanted()).sessions}
        assert shown == {"ended": "ended", "resumed": "live", "quiet": "quiet"}
        for state in ("ended", "live", "quiet"):
            assert [shown[name] for name in selected(store, Wanted(state=state))] == [state]


def test_old_session_that_is_sent_now_is_not_live(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        session_id = fill(store, "abc")
        told = ChunkMetadata(created_at=NOW - timedelta(days=9))
        store.append(session_id, chunk(b"2\n", first_line=2, source_end=4, metadata=told))
        told = ChunkMetadata(latest_message_at=NOW - timedelta(days=8))
        store.append(session_id, chunk(b"3\n", first_line=3, source_end=6, metadata=told))
        assert selected(store, Wanted(state="live")) == []
        (shown,) = store.sessions_of(OWNER).select(Wanted(state="quiet")).sessions
        assert shown.state == "quiet"


def test_only_the_newest_generation_counts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = fill(store, "abc", b"[REDACTED:KEY]\n" * 3)
        store.append(session_id, chunk(b"123\n", name="other.jsonl"))
        store.restart_file(session_id, "abc.jsonl")
        store.append(session_id, chunk(b"12\n"))
        (shown,) = store.sessions_of(OWNER).select(Wanted()).sessions
        assert (shown.files, shown.lines, shown.bytes, shown.masked) == (2, 2, 7, 0)
        (session,) = store.sessions()
        assert (session.files, session.lines, session.bytes) == (2, 2, 7)


def test_choices_are_counted_with_the_most_frequent_first(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, "a", cwd="/app", branch="main")
        fill(store, "b", cwd="/lib", branch="main")
        fill(store, "c", cwd="/lib", branch="odd \ud800")
        choices = store.sessions_of(OWNER).choices()
        assert choices.projects == (("/lib", 2), ("/app", 1))
        assert choices.branches == (("main", 2), ("odd \\ud800", 1))
        assert choices.machines == ()


def test_branch_of_the_newest_lines_counts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = fill(store, "abc", branch="old")
        told = ChunkMetadata(git_info={"branch": "new"})
        store.append(session_id, chunk(b"2\n", first_line=2, source_end=4, metadata=told))
        store.append(session_id, chunk(b"3\n", first_line=3, source_end=6))
        (shown,) = store.sessions_of(OWNER).select(Wanted()).sessions
        assert shown.branch == "new"


def test_title_is_the_summary_or_the_first_message_cut_short(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = fill(store, "abc")
        told = ChunkMetadata(first_user_message="Fix\n" * 1000)
        store.append(session_id, chunk(b"2\n", first_line=2, source_end=4, metadata=told))
        (shown,) = store.sessions_of(OWNER).select(Wanted()).sessions
        assert shown.title == " ".join(["Fix"] * 75)
        store.set_summary("claude-code", "abc", "Login")
        assert store.sessions_of(OWNER).shown([session_id])[0].title == "Login"


def test_ids_lead_to_sessions_by_their_beginnings(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = fill(store, "f00_1")
        fill(store, "f00x1")
        sessions = store.sessions_of(OWNER)
        assert sessions.beginning_with("f00_") == [session_id]
        assert sessions.beginning_with(session_id[:8]) == [session_id]
        assert sorted(sessions.ids(Wanted())) == sorted(sessions.beginning_with("F00"))


def test_other_users_sessions_are_not_seen(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = fill(store, "abc", cwd="/app")
        other = store.sessions_of(store.accounts.add_user("ann@example.org").id)
        assert other.select(Wanted()).total == 0
        assert other.shown([session_id]) == ()
        assert other.beginning_with("abc") == other.ids(Wanted()) == []
        assert other.choices().projects == ()


def test_sessions_from_before_are_listed_with_an_unknown_number_of_secrets(tmp_path: Path) -> None:
    open_store(tmp_path, options=DatabaseOptions(migrations=MIGRATIONS[:2])).close()
    connection = sqlite3.connect(tmp_path / "store.db")
    moment = "2026-01-01T00:00:00.000000+00:00"
    with connection:
        connection.execute(
            "INSERT INTO sessions VALUES (7, 'u-1', 1, 'claude-code', 'abc', '/t', '/c', 'h', 'u',"
            f""" '{{"branch":"main"}}', 'S', NULL, '{moment}', '{moment}', NULL, NULL, NULL)"""
        )
        connection.execute(
            "INSERT INTO files VALUES (3, 7, 'f', 1, 'transcript', 2, 9, 9, 0, '', 0)"
        )
        connection.execute(f"INSERT INTO events VALUES (1, 7, 'session_end', '', NULL, '{moment}')")
    connection.close()
    with open_store(tmp_path) as store:
        (shown,) = store.sessions_of(OWNER).select(Wanted()).sessions
        assert (shown.title, shown.cwd, shown.branch, shown.state) == ("S", "/c", "main", "ended")
        assert (shown.files, shown.lines, shown.bytes, shown.masked) == (1, 2, 9, None)
