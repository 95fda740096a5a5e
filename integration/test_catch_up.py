"""What daemons had to leave behind is finished by one process, which the next hook starts."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from confab_sync.presence import lock
from integration.home import Home, Json
from integration.server import Server
from integration.session import Session
from integration.waiting import until

SEED = 20260501
KILLS = 10


@pytest.fixture
def user(home: Home, server: Server) -> Home:
    """A home whose sessions go to the server."""
    key = server.key("laptop")
    home.confab("setup", "--backend-url", server.url, "--api-key-stdin", typed=key)
    return home


@pytest.fixture
def visitor(user: Home) -> Iterator[Session]:
    """The next session, which only starts."""
    session = Session(user)
    yield session
    session.kill_client()


def catching_up(home: Home) -> Json | None:
    """What the status tells of the finisher; None when it does not run."""
    told: Json = json.loads(home.confab("sync", "status", "--json").stdout)
    found: Json | None = told["catch_up"]
    return found


def until_caught_up(home: Home) -> None:
    """Wait until the finisher has found everything finished: then it is due hours later."""
    due = home.path / ".confab" / "catch-up.due"
    until(
        lambda: not finisher_runs(home) and due.exists() and due.stat().st_size == 0,
        "nothing is left to catch up with",
        seconds=100,
    )


def finisher_runs(home: Home) -> bool:
    return lock.is_held(str(home.path / ".confab" / "catch-up.lock"))


def finisher_is_at_work(home: Home) -> bool:
    """Whether it has a session in hand; one that has ended by itself has none any more."""
    try:
        state = json.loads((home.path / ".confab" / "catch-up.json").read_bytes())
    except FileNotFoundError:
        return not finisher_runs(home)
    return bool(state.get("current")) and finisher_runs(home)


def whole_sessions(home: Home, *sizes: int) -> list[Session]:
    """Sessions from start to end, their daemons gone, nobody in front of them any more."""
    sessions = [Session(home) for _ in sizes]
    for session, lines in zip(sessions, sizes, strict=True):
        session.start()
        session.write(lines=lines)
        session.write_subagent("a1", b'{"type":"user"}\n' * lines)
        session.end()
    for session in sessions:
        session.until_gone()
        session.kill_client()
    return sessions


def ends_told(server: Server, session: Session) -> list[str]:
    """The reasons of all session_ends of a session that the server has."""
    (store,) = server.home.path.rglob("store.db")
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(
            "SELECT payload FROM events JOIN sessions ON sessions.id = events.session_id"
            " WHERE external_id = ?",
            (session.id,),
        ).fetchall()
    return [json.loads(payload)["reason"] for (payload,) in rows]


@pytest.mark.timeout(300)  # all processes hold off from a backend that was down, up to 90 s
def test_next_session_alone_brings_across_what_a_backend_that_was_down_has_missed(
    user: Home, server: Server, visitor: Session
) -> None:
    until_no_finisher_is_due(user)
    server.kill()
    sessions = whole_sessions(user, 3, 40, 500)
    assert {told["phase"] for told in user.status()} == {"unfinished"}
    server.start()
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)  # it is there, and slow
    visitor.start()
    told = until(lambda: view_of_three(user), "the status tells of the finisher")
    assert "catching up: 0 of 3 sessions" in user.confab("sync", "status").stdout
    assert told["session"] in {session.id for session in sessions}
    server.process.send_signal(signal.SIGCONT)
    until_caught_up(user)
    for session in sessions:
        session.assert_archived()
        assert ends_told(server, session) == ["other"]
    assert catching_up(user) is None


def view_of_three(home: Home) -> Json | None:
    view = catching_up(home)
    return view if view is not None and view["of"] == 3 and view["session"] else None


def until_no_finisher_is_due(home: Home) -> None:
    """Let the first look after the setup be over."""
    first = Session(home)
    first.start()
    until_caught_up(home)
    first.end()
    first.until_gone()
    first.kill_client()


@pytest.mark.timeout(300)
def test_finisher_that_is_killed_at_any_moment_is_followed_by_another(
    user: Home, server: Server, visitor: Session
) -> None:
    """The moments are drawn by a seed; between them the server gives it little time."""
    until_no_finisher_is_due(user)
    server.kill()
    sessions = whole_sessions(user, 5, 4000, 20_000)
    until_nobody_catches_up(user)  # who waits for the server would be done before the rest
    server.start()
    assert server.process is not None
    rng = random.Random(SEED)
    killed = 0
    for _ in range(KILLS):
        server.process.send_signal(signal.SIGSTOP)
        visitor.start(source="resume")
        if rng.random() < 0.7:  # else it is killed while it is being started
            until(lambda: finisher_is_at_work(user), "the finisher is at work")
        server.process.send_signal(signal.SIGCONT)
        killed += kill_finisher(user, after=rng.uniform(0.0, 0.03))
    print(f"killed {killed} of {KILLS}")
    assert killed >= 3
    visitor.start(source="resume")
    until_caught_up(user)
    for session in sessions:
        session.assert_archived()
        assert ends_told(server, session) == ["other"]


def until_nobody_catches_up(home: Home) -> None:
    """Kill the finisher, and those that the last daemons start as they leave."""
    looks = 0
    while looks < 5:
        looks = 0 if kill_finisher(home, after=0.1) or finisher_runs(home) else looks + 1


def kill_finisher(home: Home, *, after: float) -> bool:
    """Kill the finisher so many seconds from now; whether it was still there."""
    time.sleep(after)
    try:
        state = json.loads((home.path / ".confab" / "catch-up.json").read_bytes())
        os.kill(state["pid"], signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):  # it has ended by itself
        return False
    until(lambda: not finisher_runs(home), "the killed finisher is gone")
    return True


def test_tail_of_a_deleted_transcript_arrives_once_the_backend_is_back(
    user: Home, server: Server, visitor: Session
) -> None:
    visitor.start()
    visitor.write(lines=3)
    visitor.until_archived(3)
    server.kill()
    visitor.write(lines=4)
    until(lambda: (visitor.state or {}).get("connection") == "offline", "the trouble is noticed")
    expected = visitor.local()
    visitor.transcript.unlink()
    server.start()
    visitor.until_archived(7)
    assert visitor.download() == expected


def test_save_at_the_end_of_a_job_waits_for_the_last_line(user: Home, visitor: Session) -> None:
    visitor.start()
    visitor.write(lines=300)
    told = json.loads(user.confab("save", "--all", "--wait", "--limit", "60s", "--json").stdout)
    assert told["complete"] is True
    visitor.assert_archived()


def test_save_says_honestly_that_a_backend_is_down(
    user: Home, server: Server, visitor: Session
) -> None:
    server.kill()
    visitor.transcript.parent.mkdir(parents=True, exist_ok=True)
    visitor.write(lines=3)
    done = user.confab("save", visitor.id[:8], check=False)
    assert done.returncode == 1
    assert "Saved 0 of 1 session," in done.stdout
    server.start()
    until(lambda: user.confab("save", visitor.id, check=False).returncode == 0, "it is saved")
    visitor.assert_archived()


def test_session_end_waits_for_the_final_sync_where_nobody_comes_after_it(
    user: Home, visitor: Session
) -> None:
    wait = {"CONFAB_WAIT_AT_END": "20s"}
    visitor.environ |= wait
    visitor.begin()
    visitor.write(lines=50)
    name, *arguments = hook_arguments(user, wait)
    visitor.hook(" ".join([name, *arguments]), reason="other")
    assert not visitor.state_file.exists()
    visitor.assert_archived()


def hook_arguments(home: Home, environ: dict[str, str]) -> list[str]:
    """What `confab setup` with these variables makes Claude Code call at a session's end."""
    subprocess.run(
        [str(home.executable), "setup", "--no-import"],
        env={**home.environ, **environ},
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    settings = json.loads((home.claude / "settings.json").read_text())
    [entry] = settings["hooks"]["SessionEnd"]
    [hook] = entry["hooks"]
    assert hook["timeout"] == 22
    assert hook["command"].endswith(" --timeout=22")
    return ["session-end", "--timeout=22"]
