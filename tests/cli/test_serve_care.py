"""The server's store is looked after while the server runs."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli.search import command as search
from confab_sync.cli.serve import group
from confab_sync.errors import StoreUnavailable
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, Lines, SessionInfo
from tests.claude.test_conversation import user
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.server.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    import httpx


def run(home: Home, *arguments: str) -> str:
    runner = CliRunner()
    return runner.invoke(group, arguments, obj=home.context, catch_exceptions=False).stdout


def archive(home: Home, name: str, days: int = 0) -> None:
    moment = NOW - timedelta(days=days)
    data = user("whale") + b"\n"
    with Store.open(home.paths.store, clock=lambda: moment) as store:
        session = store.open_session(SessionInfo("claude-code", name, "/t")).session_id
        store.append(session, Chunk(f"{name}.jsonl", "transcript", 1, 1, data, len(data)))


def archive_of_ann(home: Home, days: int) -> None:
    moment = NOW - timedelta(days=days)
    with Store.open(home.paths.store, clock=lambda: moment) as store:
        sessions = store.sessions_of(store.accounts.add_user("ann@example.com").id)
        session = sessions.open(SessionInfo("claude-code", "ann's", "/t")).session_id
        sessions.append(session, Lines("t.jsonl", "transcript", 1, [b"{}"], 10))


def test_old_sessions_of_all_users_go_and_are_not_found_any_more(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home, ONE, 500)
    archive(home, TWO)
    archive_of_ann(home, 500)
    CliRunner().invoke(search, ["whale"], obj=home.context)
    would = run(home, "prune", "--keep", "400d", "--dry-run")
    assert "Would remove 2 sessions" in would
    assert run(home, "prune", "--keep", "400d") == would.replace("Would remove", "Removed")
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        assert len(store.extents()) == 1
    found = CliRunner().invoke(search, ["whale", "--json"], obj=home.context).stdout
    assert TWO in found
    assert ONE not in found


def test_the_check_and_the_backup_are_those_of_the_store(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home, ONE)
    assert "is sound: 1 session" in run(home, "check")
    copy = tmp_path / "copy.db"
    assert run(home, "backup", str(copy)).startswith(f"The store is copied to {copy} (")


@pytest.mark.parametrize("arguments", [["check"], ["prune", "--keep", "1d"], ["backup", "copy.db"]])
def test_without_a_store_that_is_said(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(StoreUnavailable, match="there is no store"):
        run(Home(tmp_path), *arguments)


def test_a_backup_that_is_made_while_the_server_takes_lines_is_whole(tmp_path: Path) -> None:
    home = Home(tmp_path)
    over = threading.Event()
    stored = 0

    def send(http: httpx.Client) -> None:
        nonlocal stored
        init = {"external_id": ONE, "transcript_path": "/t"}
        session_id = http.post("/api/v1/sync/init", json=init).json()["session_id"]
        while not over.is_set():
            chunk = {
                "session_id": session_id,
                "file_name": "t.jsonl",
                "file_type": "transcript",
                "first_line": stored + 1,
                "lines": [f"line {stored}", "x" * 5000],
            }
            assert http.post("/api/v1/sync/chunk", json=chunk).status_code == 200
            stored += 2

    with serving(tmp_path / "confab") as server, server.client(server.key()) as http:
        sender = threading.Thread(target=send, args=(http,))
        sender.start()
        copies = [tmp_path / f"{number}.db" for number in range(3)]
        for copy in copies:
            run(home, "backup", str(copy))
        over.set()
        sender.join()
        assert stored
    for copy in copies:
        with Store.open(str(copy), clock=lambda: NOW, create=False) as store:
            assert store.check() == []
            assert store.accounts.keys(1)
            sessions = [each.session_id for each in store.sessions()]
            files = [file for session in sessions for file in store.files(session)]
            assert all(file.lines % 2 == 0 for file in files)
