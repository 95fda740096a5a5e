"""Many at once, on one machine: nobody fails because of the others, and nothing is lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from integration.home import Home
from integration.session import Session

AT_ONCE = 4
DAEMONS = 50
HEADLESS = 100
ROUNDS = 2


@pytest.fixture
def ready(home: Home) -> Home:
    """A home with confab set up in it, over the embedded store."""
    home.confab("setup", "--no-import")
    return home


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """So many hands as play the users."""
    with ThreadPoolExecutor(AT_ONCE) as hands:
        yield hands


@pytest.fixture
def sessions(ready: Home) -> Iterator[list[Session]]:
    """Sessions that nobody has started yet."""
    many = [Session(ready) for _ in range(DAEMONS)]
    yield many
    for session in many:
        session.kill_client()


def log_of(session: Session) -> str:
    """What a session's daemons have written down."""
    return Path(session.home.path, ".confab", "logs", f"{session.id}.log").read_text()


def test_fifty_daemons_write_to_one_store_and_none_is_in_another_s_way(
    sessions: list[Session], ready: Home, pool: ThreadPoolExecutor
) -> None:
    list(pool.map(Session.start, sessions))
    for turn in range(1, ROUNDS + 1):
        for session in sessions:
            session.write()
            session.write_subagent("abcdef", b'{"isSidechain":true}\n')
        for session in sessions:
            session.until_archived(6 * turn)
    assert len({session.daemon_pid for session in sessions}) == DAEMONS
    list(pool.map(Session.end, sessions))
    ready.until_no_process_is_left()
    list(pool.map(Session.assert_archived, sessions))
    assert [session.id for session in sessions if "failed" in log_of(session)] == []


def test_a_hundred_headless_sessions_in_a_few_seconds_all_arrive(
    ready: Home, pool: ThreadPoolExecutor
) -> None:
    def live(_: int) -> Session:
        session = Session(ready)
        session.start()
        session.prompt()
        session.write()
        session.end()
        session.kill_client()
        return session

    lives = [pool.submit(live, number) for number in range(HEADLESS)]
    while wait(lives, timeout=0.2).not_done:
        commands = [process.command for process in ready.processes()]
        owners = [each.split()[-1] for each in commands if "boot.py daemon-work" in each]
        assert len(owners) == len({*owners})
        assert sum(each.endswith("boot.py finisher") for each in commands) <= 1
        assert sum("boot.py" in each for each in commands) <= HEADLESS + 4 * AT_ONCE
    ended = [each.result() for each in lives]
    ready.until_no_process_is_left()
    list(pool.map(Session.assert_archived, ended))


def test_stopping_all_while_daemons_are_being_started_leaves_each_session_on_or_off(
    sessions: list[Session], ready: Home, pool: ThreadPoolExecutor
) -> None:
    started = threading.Semaphore(0)

    def start(session: Session) -> None:
        session.start()
        started.release()
        session.write()

    few = sessions[:20]
    starting = [pool.submit(start, session) for session in few]
    for _ in range(3):
        for _ in range(4):
            assert started.acquire(timeout=60)
        ready.confab("sync", "stop", "--all", "--wait")
    for each in starting:
        each.result()
    ready.confab("sync", "stop", "--all", "--wait")
    assert ready.daemons() == []
    for session in few:
        session.prompt()
    assert ready.daemons() == []
    for session in few:
        session.start(source="resume")
        session.until_archived(5)
        session.end()
    ready.until_no_process_is_left()
    list(pool.map(Session.assert_archived, few))


def test_saving_all_by_hand_disturbs_no_session_that_goes_on(
    sessions: list[Session], ready: Home, pool: ThreadPoolExecutor
) -> None:
    live, alone = sessions[:8], sessions[8:12]
    list(pool.map(Session.begin, live))
    daemons = {session.id: session.daemon_pid for session in live}
    saved = threading.Event()

    def go_on(session: Session) -> None:
        while not saved.wait(0.02):
            session.write(lines=3)

    with ThreadPoolExecutor(len(live)) as hands:
        writing = [hands.submit(go_on, session) for session in live]
        try:
            for session in alone:
                session.write()
                told = json.loads(ready.confab("save", "--all", "--json", check=False).stdout)
                outcomes = {each["id"]: each["outcome"] for each in told["sessions"]}
                # Those that have sent all they have at this moment are not even listed.
                assert {*outcomes} & {*daemons}
                assert {*outcomes.values()} <= {"archived", "left to its daemon"}
        finally:
            saved.set()
        for each in writing:
            each.result()
    assert {session.id: session.daemon_pid for session in live} == daemons
    list(pool.map(Session.end, live))
    ready.until_no_process_is_left()
    list(pool.map(Session.assert_archived, [*live, *alone]))
