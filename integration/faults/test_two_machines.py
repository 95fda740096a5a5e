"""One session on two machines that copy it to one server: it goes on, or the difference is told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.home import Home
from integration.server import Server
from integration.session import Session
from integration.waiting import until

ALIKE = b'{"n":1}\n{"n":2}\n{"n":3}\n'
TOKEN = b"ghp_" + b"a1B2c3D4e5F6" * 3
MASKED = b'{"use":"' + TOKEN + b'"}\n'

LAST = {
    "an object": b'{"n":4}\n',
    "CRLF": b'{"n":4}\r\n',
    "blank": b"\n",
    "not UTF-8": b"\xff\xfe no text\n",
    "masked": MASKED,
    "20 MB": b"x" * (20 * 1024 * 1024) + b"\n",
}
"""Lines that may be the last that the first machine has sent."""


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


@pytest.mark.parametrize("mine", [2, 3])
def test_machine_whose_session_goes_on_differently_elsewhere_says_so_where_it_is_ahead(
    confab: Path, fault_server: Server, tmp_path: Path, mine: int
) -> None:
    """With as many lines as the other has sent, and with more."""
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        begin_alike(here, there)
        there.write(b'{"there":4}\n{"there":5}\n')
        there.until_archived(5)
        here.write(b"".join(b'{"here":%d}\n' % (4 + n) for n in range(mine)))
        until_diverged(here)
        there.write(b'{"there":6}\n')
        there.until_archived(6)
        for session in (here, there):
            session.end()
            session.until_gone()
        there.assert_archived()
        assert_told(here)


@pytest.mark.parametrize("mine", [1, 2, 4])
def test_machine_that_has_another_continuation_from_the_start_says_so(
    confab: Path, fault_server: Server, tmp_path: Path, mine: int
) -> None:
    """Shorter than what the first machine has sent, as long, and longer."""
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        there.write(ALIKE + b'{"there":4}\n{"there":5}\n')
        there.start()
        there.until_archived(5)
        here.write(ALIKE + b"".join(b'{"here":%d}\n' % (4 + n) for n in range(mine)))
        here.start()
        until_diverged(here)
        there.write(b'{"there":6}\n')
        there.end()
        here.end()
        for session in (here, there):
            session.until_gone()
        there.assert_archived()
        assert_told(here)


def test_session_that_is_carried_to_another_machine_goes_on_there(
    confab: Path, fault_server: Server, tmp_path: Path
) -> None:
    """Whatever its last line is."""
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        pairs = {last: twins(here.home, there.home) for last in LAST}
        for last, (_, first) in pairs.items():
            first.write(ALIKE + LAST[last])
        finish(*(first for _, first in pairs.values()))
        for second, first in pairs.values():
            carry(first, second)
            second.write(b'{"here":5}\n')
        finish(*(second for second, _ in pairs.values()))
        for pair in pairs.values():
            for session in pair:
                session.kill_client()
        for last, (second, _) in pairs.items():
            copy = copy_of(second)
            assert copy[-1:] == [b'{"here":5}'], last
            assert len(copy) == 5, last
            assert TOKEN not in b"".join(copy)
            told = second.home.status_of(second.id, "--all")
            assert told is not None
            assert told["behind_bytes"] == 0
            assert "diverged" not in str(told), last


@pytest.mark.parametrize("is_masked_there", [True, False])
def test_machine_that_masks_otherwise_goes_on_as_well(
    confab: Path, fault_server: Server, tmp_path: Path, is_masked_there: bool
) -> None:
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        plain = here if is_masked_there else there
        plain.home.confab("config", "set", "redaction.enabled", "false")
        there.write(ALIKE + MASKED)
        finish(there)
        carry(there, here)
        here.write(b'{"here":5}\n')
        finish(here)
        assert copy_of(here)[-1:] == [b'{"here":5}']
        assert len(copy_of(here)) == 5


def test_machine_that_is_given_the_other_machines_file_goes_on_again(
    confab: Path, fault_server: Server, tmp_path: Path
) -> None:
    with on_two_machines(confab, fault_server, tmp_path) as (here, there):
        begin_alike(here, there)
        there.write(b'{"there":4}\n{"there":5}\n')
        there.until_archived(5)
        here.write(b'{"here":4}\n')
        until_diverged(here)
        for session in (here, there):
            session.end()
            session.until_gone()
        carry(there, here)
        here.write(b'{"here":6}\n')
        finish(here)
        here.assert_archived()


@pytest.mark.parametrize(
    "changed",
    [b'{"n":1}\n{"n":2}\n{"n":7}\n', b'{"n":7}\n{"n":2}\n{"n":3}\n'],
    ids=["last line", "first line"],
)
def test_file_that_is_rewritten_while_its_registry_is_lost_is_told(
    confab: Path, fault_server: Server, tmp_path: Path, changed: bytes
) -> None:
    with on_two_machines(confab, fault_server, tmp_path) as (here, _):
        here.write(ALIKE)
        finish(here)
        lose_registry(here.home)
        here.transcript.write_bytes(changed)
        here.write(b'{"n":4}\n')
        here.start(source="resume")
        until_diverged(here)
        here.end()
        here.until_gone()
        assert_told(here)
        assert copy_of(here) == ALIKE.splitlines()


def test_file_that_is_the_same_goes_on_when_its_registry_is_lost(
    confab: Path, fault_server: Server, tmp_path: Path
) -> None:
    with on_two_machines(confab, fault_server, tmp_path) as (here, _):
        here.write(ALIKE + b'{"n":4}\r\n')
        finish(here)
        lose_registry(here.home)
        here.write(b'{"n":5}\n')
        finish(here)
        here.assert_archived()


def begin_alike(here: Session, there: Session) -> None:
    """Two copies of one session, both of them archived."""
    for session in (here, there):
        session.write(ALIKE)
        session.start()
        session.until_archived(3)


def finish(*sessions: Session) -> None:
    """Let daemons send what there is and leave."""
    for session in sessions:
        session.start(source="resume")
    for session in sessions:
        session.end()
    for session in sessions:
        session.until_gone()


def twins(here: Home, there: Home) -> tuple[Session, Session]:
    """One session more on both machines."""
    session = Session(here)
    return session, Session(there, id=session.id)


def carry(source: Session, target: Session) -> None:
    """Put one machine's transcript in the place of the other's."""
    target.transcript.parent.mkdir(parents=True, exist_ok=True)
    target.transcript.write_bytes(source.transcript.read_bytes())


def lose_registry(home: Home) -> None:
    for path in (home.path / ".confab").glob("registry.db*"):
        path.unlink()


def until_diverged(session: Session) -> None:
    until(lambda: "diverged" in str(session.state), "the state names it")
    assert "diverged" in session.home.confab("sync", "status").stdout


def assert_told(session: Session) -> None:
    """The status names the difference when no daemon is left."""
    told = session.home.status_of(session.id)
    assert told is not None
    assert "diverged" in str(told["files"])


def copy_of(session: Session) -> list[bytes]:
    """The lines of the transcript's copy."""
    target = session.home.path / "downloads" / uuid.uuid4().hex
    session.home.confab("session", "download", session.id, "--output-dir", str(target))
    (copy,) = target.rglob(session.transcript.name)
    return copy.read_bytes().split(b"\n")[:-1]


@contextmanager
def on_two_machines(
    confab: Path, server: Server, directory: Path
) -> Iterator[tuple[Session, Session]]:
    """One session as two machines of one user have it, which copy it to one server."""
    key = server.key(directory.name)
    machines = tuple(Home.create(directory / name, confab) for name in ("here", "there"))
    setup = ["setup", "--no-import", "--backend-url", server.url, "--api-key-stdin"]
    for machine in machines:
        machine.confab(*setup, typed=key)
    here, there = twins(*machines)
    try:
        yield here, there
    finally:
        for session in (here, there):
            session.kill_client()
        for machine in machines:
            machine.end_processes()
