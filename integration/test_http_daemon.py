"""A real daemon, started by a real hook, and a server on a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from confab_sync.paths import Paths
from confab_sync.presence import notice
from confab_sync.presence import state as states
from integration.waiting import until
from tests.backends.http.api import KEY, Api, text
from tests.backends.http.socket_server import Server, serving
from tests.contract.stage import typed
from tests.daemons import wait_until_free
from tests.hooks.home import Home, home_in


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Api()) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    directory = tmp_path / "home"
    directory.mkdir()
    with home_in(directory) as home:
        home.environ["CONFAB_SYNC_INTERVAL_MS"] = "1000"
        home.environ["CONFAB_SYNC_JITTER_MS"] = "0"
        yield home


def configure(home: Home, **settings: str) -> None:
    path = Path(Paths(home.environ).config)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))


def write(home: Home, *rows: object) -> None:
    path = Path(home.transcript())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def test_session_is_synced_live_and_ended_once(home: Home, server: Server) -> None:
    configure(home, backend_url=server.url, api_key=KEY)
    home.run("session-start", source="startup")
    write(home, typed("Fix the parser"))
    until(lambda: server.api.sessions and server.api.lines("s.jsonl"), "the line is at the server")
    write(home, typed("and the lexer"))
    home.run("session-end", reason="exit")
    wait_until_free(home.paths())
    stored = "".join(line + "\n" for line in server.api.lines("s.jsonl"))
    assert stored.encode() == Path(home.transcript()).read_bytes()
    assert server.api.session()["metadata"]["first_user_message"] == "Fix the parser"
    assert [event["payload"]["reason"] for event in server.api.events] == ["exit"]
    assert not Path(home.paths().state).exists()


def test_user_may_log_in_later_and_is_told_once(home: Home, server: Server) -> None:
    configure(home, backend_url=server.url)
    home.run("session-start", source="startup")
    write(home, typed("before the login"))
    until(lambda: notice.subjects(Paths(home.environ)), "there is a notice")
    told = notice.take(Paths(home.environ))
    assert told is not None
    assert "confab login" in told
    assert server.api.asked == []
    configure(home, backend_url=server.url, api_key=KEY)
    until(lambda: server.api.sessions and server.api.lines("s.jsonl"), "the line is at the server")
    until(lambda: not Path(Paths(home.environ).notices).exists(), "the notice is settled")


def test_server_that_is_down_for_a_while_loses_nothing(home: Home, server: Server) -> None:
    configure(home, backend_url=server.url, api_key=KEY)
    down = server.api.always(text(503, "down"))
    home.run("session-start", source="startup")
    write(home, typed("one"))
    until(
        lambda: (states.read(home.paths().state) or {}).get("connection") == "offline",
        "the daemon says that the server is down",
    )
    state = Path(home.paths().state).read_text()
    assert KEY not in state
    server.api.rules.remove(down)
    until(lambda: server.api.sessions and server.api.lines("s.jsonl"), "the line is at the server")
    assert KEY not in "".join(path.read_text() for path in Path(home.directory).rglob("*.log"))
