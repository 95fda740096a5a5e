"""The picture of all machines is what each of them said last, and nothing more certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from confab_sync.claude.usage import Usage
from confab_sync.server.local import Local, LocalSession
from confab_sync.server.picture import picture
from confab_sync.server.pictured import Picture, Row
from confab_sync.store.machines import Machine
from confab_sync.store.values import StoredSession

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = Local("here")


def stored(name: str = "s1", /, **fields: object) -> StoredSession:
    known: dict[str, object] = {
        "session_id": f"id-{name}",
        "provider": "claude-code",
        "external_id": name,
        "transcript_path": "/t",
        "cwd": "/home/ann/src/app",
        "hostname": "there",
        "username": "ann",
        "git_info": {"branch": "main"},
        "summary": None,
        "first_user_message": "Fix it",
        "first_seen": NOW,
        "last_sync_at": NOW,
        "last_message_at": NOW,
        "files": 1,
        "lines": 3,
        "bytes": 10,
    }
    return StoredSession(**{**known, **fields})  # type: ignore[arg-type]


def said(age: float, **fields: object) -> dict[str, object]:
    """What a daemon said of itself so many seconds ago."""
    moment = NOW - timedelta(seconds=age)
    return {"live": fields, "live_at": moment, "last_sync_at": moment}


def of(
    *sessions: StoredSession,
    local: tuple[LocalSession, ...] = (),
    ends: dict[str, datetime] | None = None,
    usages: dict[str, Usage] | None = None,
) -> Picture:
    found = [
        (Machine(host, "ann", NOW, len(sessions)), [s for s in sessions if s.hostname == host])
        for host in dict.fromkeys(str(s.hostname) for s in sessions)
    ]
    return picture(found, ends or {}, usages or {}, local, HERE, NOW)


def only(found: Picture) -> Row:
    (row,) = found.rows
    return row


@pytest.mark.parametrize(
    ("age", "state", "is_alive"),
    [(5, "syncing", True), (300, "quiet", True), (7200, "silent", False)],
)
def test_what_a_distant_daemon_said_ages(age: float, state: str, *, is_alive: bool) -> None:
    row = only(of(stored(**said(age, phase="syncing", connection="online"))))
    assert (row.state, row.is_alive, row.connection) == (state, is_alive, "")


def test_distant_error_is_told() -> None:
    row = only(of(stored(**said(5, phase="syncing", connection="error", lag_seconds=4))))
    assert (row.connection, row.tone, row.lag) == ("error", "bad", 4)


def test_client_that_says_nothing_has_no_state() -> None:
    row = only(of(stored()))
    assert (row.state, row.behind, row.lag, row.context) == ("", None, None, None)
    assert row.last == NOW


def test_end_is_an_end_until_something_follows() -> None:
    ends = {"id-s1": NOW}
    assert only(of(stored(), ends=ends)).state == "ended"
    after = NOW + timedelta(seconds=1)
    assert only(of(stored(last_sync_at=after), ends=ends)).state == ""


@pytest.mark.parametrize(
    "nonsense", [None, [], "syncing", {"phase": 3}, {"phase": "", "connection": {}}]
)
def test_nonsense_says_nothing(nonsense: object) -> None:
    assert only(of(stored(live=nonsense, live_at=NOW))).state == ""


def test_local_daemon_is_believed_before_what_was_sent() -> None:
    mine = LocalSession(
        "s1", "embedded", "", "/x", "resting", True, "offline", last_error="no room", behind_bytes=7
    )
    session = stored(hostname="here", **said(5, phase="syncing", connection="online"))
    row = only(of(session, local=(mine,)))
    assert (row.state, row.connection, row.tone, row.note) == (
        "resting",
        "offline",
        "warn",
        "no room",
    )
    assert row.behind == 7


def test_local_session_of_the_same_name_on_another_machine_is_another_one() -> None:
    mine = LocalSession("s1", "embedded", "", "/x", "syncing", True)
    found = of(stored(hostname="there"), local=(mine,))
    assert [(m.hostname, len(m.rows)) for m in found.machines] == [("here", 1), ("there", 1)]


def test_session_of_this_host_that_goes_elsewhere_is_here_as_well() -> None:
    mine = LocalSession("s2", "https://other.example", "o", "/home/ann/app", "syncing", True)
    gone = LocalSession("s3", "https://other.example", "p", "/home/ann/app", "unfinished", False)
    found = of(stored(hostname="here"), local=(mine, gone))
    (machine,) = found.machines
    assert machine.is_here
    assert [row.backend for row in machine.rows] == ["https://other.example", ""]
    assert machine.rows[0].session_id == ""


def test_living_sessions_come_first_and_are_counted() -> None:
    found = of(stored("old"), stored("new", **said(1, phase="syncing")))
    assert [row.key for row in found.rows] == ["id-new", "id-old"]
    assert (found.alive, found.troubled) == (1, 0)


def test_context_is_what_the_transcript_tells_before_what_was_said() -> None:
    session = stored(**said(1, phase="syncing", context_used=10, context_size=100))
    context = only(of(session)).context
    assert context is not None
    assert (context.used, context.percent) == (10, 10)
    usage = Usage(context=150_000, model="claude-opus-4-5")
    context = only(of(session, usages={"id-s1": usage})).context
    assert context is not None
    assert (context.used, context.size, context.percent) == (150_000, 200_000, 75)


def test_numbers_that_cannot_be_are_not_shown() -> None:
    told = {"behind_bytes": 10**320, "context_used": 10**320, "context_size": 10**320}
    row = only(of(stored(**said(1, phase="syncing", **told))))
    assert (row.behind, row.context) == (None, None)


def test_names_are_on_one_line_and_turn_nothing_around() -> None:
    row = only(
        of(
            stored(
                summary="a\nb\u202ec\x1b[0m\U000e0041", git_info={"repo_url": "git@h:ann/app.git"}
            )
        )
    )
    assert (row.title, row.project) == ("a b c [0m", "ann/app")
