"""Fifty daemons upload while their server is killed: it keeps what it took, and gets the rest."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from confab_sync.store.store import Store
from integration.home import Home
from integration.server import Server
from integration.session import Session, hashes
from integration.waiting import until

DAEMONS = 50
AT_ONCE = 4
LINE = b'{"type":"user","text":"' + b"x" * 2000 + b'"}\n'
ROUND = 0.5

Lines = dict[tuple[str, str], int]
"""A number of lines by session and file."""


@pytest.fixture
def server(confab: Path, tmp_path: Path) -> Iterator[Server]:
    """A running server with a home of its own, stopped afterwards."""
    started = Server(Home.create(tmp_path / "server", confab))
    started.start()
    yield started
    started.stop()


@pytest.fixture
def sessions(home: Home, server: Server) -> Iterator[list[Session]]:
    """Sessions of a user who is logged in to the server; nobody has started them yet."""
    home.confab("setup", "--no-import")
    key = server.key("uploads")
    home.confab("login", "--backend-url", server.url, "--api-key-stdin", typed=f"{key}\n")
    all_of_them = [Session(home) for _ in range(DAEMONS)]
    yield all_of_them
    for session in all_of_them:
        session.kill_client()


class Author(threading.Thread):
    """Writes to all sessions in turn, without end until it is told to."""

    def __init__(self, sessions: list[Session]) -> None:
        super().__init__()
        self._sessions = sessions
        self._told = threading.Event()

    def run(self) -> None:
        """Append a few lines to the transcript and to an agent's, session by session."""
        while not self._told.wait(ROUND):
            for session in self._sessions:
                session.write(LINE * 3)
                session.write_subagent("one", LINE)

    def stop(self) -> None:
        """Write no more."""
        self._told.set()
        self.join()


def acknowledged(sessions: list[Session]) -> Lines:
    """What the daemons say that the server has."""
    return {
        (session.id, file["name"]): file["lines"]
        for session in sessions
        for file in (session.state or {}).get("files", [])
        if file["lines"]
    }


def stored(server: Server) -> Lines:
    """What lies in the server's store, read past the server."""
    (path,) = server.home.path.rglob("store.db")
    with Store.open(str(path), clock=lambda: datetime.now(UTC), create=False) as store:
        return {
            (session.external_id, file.name): file.lines
            for session in store.sessions()
            for file in store.files(session.session_id)
        }


def until_all_are(sessions: list[Session], connection: str) -> None:
    """Wait until every daemon says so of its connection."""
    until(
        lambda: all((session.state or {}).get("connection") == connection for session in sessions),
        f"all daemons are {connection}",
    )


def until_more_arrives(server: Server) -> None:
    """Wait until every file of every session has grown at the server."""
    before = stored(server)

    def grown() -> bool:
        now = stored(server)
        return all(now[file] > lines for file, lines in before.items())

    until(grown, "every file has grown at the server", pause=0.2)


def test_fifty_daemons_lose_nothing_when_their_server_is_killed(
    server: Server, sessions: list[Session], home: Home, tmp_path: Path
) -> None:
    for session in sessions:
        session.write(LINE)
        session.write_subagent("one", LINE)
    author = Author(sessions)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(Session.start, sessions))
        author.start()
        try:
            until_all_are(sessions, "online")
            sent = sum(acknowledged(sessions).values())
            until(lambda: sum(acknowledged(sessions).values()) > sent, "more is sent", pause=0.01)
            server.kill()
            until_all_are(sessions, "offline")
            kept, taken = stored(server), acknowledged(sessions)
            assert {session for session, _ in taken} == {session.id for session in sessions}
            assert {file: lines for file, lines in taken.items() if kept.get(file, 0) < lines} == {}
            server.start()
            until_all_are(sessions, "online")
            until_more_arrives(server)
        finally:
            author.stop()
        list(pool.map(Session.end, sessions))
        home.until_no_process_is_left()
        copy = tmp_path / "copy"
        list(pool.map(lambda session: download(server.home, session, copy), sessions))
    assert hashes(copy) == hashes(sessions[0].transcript.parent)
    assert server.stop() == 0


def download(home: Home, session: Session, copy: Path) -> None:
    """Write the files of one session into a directory for all of them."""
    home.confab("session", "download", session.id, "--output-dir", os.fspath(copy))
