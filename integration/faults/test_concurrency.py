"""Many at once, on one machine: nobody fails because of the others, and nothing is lost."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.home import Home
from integration.server import Server
from integration.session import Session
from integration.waiting import until

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


def test_one_session_whose_files_two_machines_share_is_stored_once(
    confab: Path, fault_server: Server, tmp_path: Path
) -> None:
    """Both have it open and see every line at the same time, as in a home that is synchronised."""
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        for session in (here, there):
            session.start()
        for turn in range(1, 5):
            lines = [{"type": "user", "uuid": str(uuid.uuid4()), "turn": turn} for _ in range(40)]
            data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
            for session in (here, there):
                session.write(data)
            for session in (here, there):
                session.until_archived(40 * turn)
        for session in (here, there):
            session.end()
            session.until_gone()
        assert here.local() == there.local()
        for session in (here, there):
            session.assert_archived()
            told = session.home.status_of(session.id, "--all")
            assert told is not None
            assert (told["lines"], told["behind_bytes"]) == (160, 0)
        # Then one machine goes on, and the other after it.
        for session, other in ((here, there), (there, here)):
            session.start(source="resume")
            session.write()
            session.end()
            session.until_gone()
            other.transcript.write_bytes(session.transcript.read_bytes())
            session.assert_archived()


def test_machine_whose_session_goes_on_differently_elsewhere_says_so_where_it_is_behind(
    confab: Path, fault_server: Server, tmp_path: Path
) -> None:
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        begin_alike(here, there)
        there.write(b'{"there":4}\n{"there":5}\n')
        there.until_archived(5)
        here.write(b'{"here":4}\n')
        until(lambda: "diverged" in str(here.state), "the status names it")
        assert "diverged" in here.home.confab("sync", "status").stdout
        there.write(b'{"there":6}\n')
        there.until_archived(6)
        for session in (here, there):
            session.end()
            session.until_gone()
        there.assert_archived()
        told = here.home.status_of(here.id)
        assert told is not None
        assert "diverged" in str(told["files"])


def test_machine_whose_session_goes_on_differently_elsewhere_mixes_where_it_is_ahead(
    confab: Path, fault_server: Server, tmp_path: Path
) -> None:
    """The limit that docs/reliability.md tells of: the API counts lines and compares none."""
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        begin_alike(here, there)
        there.write(b'{"there":4}\n{"there":5}\n')
        there.until_archived(5)
        here.write(b'{"here":4}\n{"here":5}\n{"here":6}\n')
        here.until_archived(6)
        here.end()
        here.until_gone()
        target = tmp_path / "copy"
        here.home.confab("session", "download", here.id, "--output-dir", str(target))
        (copy,) = target.rglob(here.transcript.name)
        assert copy.read_bytes() == ALIKE + b'{"there":4}\n{"there":5}\n{"here":6}\n'


ALIKE = b'{"n":1}\n{"n":2}\n{"n":3}\n'


def begin_alike(here: Session, there: Session) -> None:
    """Two copies of one session, both of them archived."""
    for session in (here, there):
        session.write(ALIKE)
        session.start()
        session.until_archived(3)


@contextmanager
def on_two_machines(
    confab: Path, server: Server, directory: Path
) -> Iterator[tuple[Session, Session]]:
    """One session as two machines of one user have it, which copy it to one server."""
    key = server.key(directory.name)
    machines = [Home.create(directory / name, confab) for name in ("here", "there")]
    setup = ["setup", "--no-import", "--backend-url", server.url, "--api-key-stdin"]
    for machine in machines:
        machine.confab(*setup, typed=key)
    here, there = (Session(machine) for machine in machines)
    there.id = here.id
    try:
        yield here, there
    finally:
        for session in (here, there):
            session.kill_client()
        for machine in machines:
            machine.end_processes()
