"""A search goes where sessions are kept; where a server cannot search, that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from confab_sync.cli.search import command
from confab_sync.config import write_config
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo
from tests.backends.http.api import KEY, Api
from tests.backends.http.socket_server import serving as serving_api
from tests.claude.test_conversation import user
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.server.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

SECRET = "sk-ant-" + "api03-" + "Zq7" * 31 + "AA"
"""Has the shape of a key, and is none."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server") as found:
        yield found


def put(store: Store, name: str, line: bytes) -> None:
    info = SessionInfo("claude-code", name, "/t", cwd="/work/app")
    session = store.open_session(info).session_id
    data = line + b"\n"
    metadata = ChunkMetadata(first_user_message=f"About {name}")
    chunk = Chunk(f"{name}.jsonl", "transcript", 1, 1, data, len(data), metadata=metadata)
    store.append(session, chunk)


def put_here(home: Home, name: str, line: bytes) -> None:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        put(store, name, line)


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=home.context, catch_exceptions=False)


def found(home: Home, *arguments: str) -> dict[str, str]:
    """Where each session was found."""
    answer: dict[str, Any] = json.loads(run(home, "--json", *arguments).stdout)
    return {session["id"]: session["place"] for session in answer["sessions"]}


def test_our_own_server_searches_what_it_has(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"backend_url": server.url, "api_key": server.key()})
    with server.store() as store:
        put(store, ONE, user("a whale"))
    said = run(home, "whale")
    assert said.exit_code == 0
    assert f"{ONE[:8]}" in said.stdout
    assert "user:1  a whale" in said.stdout
    assert said.stderr == ""
    assert found(home, "whale", "--project", "/work") == {ONE: server.url}
    assert found(home, "whale", "--project", "/elsewhere") == {}


def test_the_store_of_this_machine_is_searched_as_well_and_nothing_is_shown_twice(
    tmp_path: Path, server: Serving
) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"backend_url": server.url, "api_key": server.key()})
    with server.store() as store:
        put(store, ONE, user("a whale"))
    put_here(home, ONE, user("a whale"))
    put_here(home, TWO, user("a whale"))
    assert found(home, "whale") == {ONE: server.url, TWO: "the store of this machine"}
    said = run(home, "whale").stdout
    assert said.index(f"At {server.url}:") < said.index("At the store of this machine:")


def test_of_a_server_that_does_not_search_the_transcripts_here_are_searched(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    with serving_api(Api()) as there:
        write_config(home.paths.config, {"backend_url": there.url, "api_key": KEY})
        home.write(user("a whale") + b"\n" + user(f"whale {SECRET}") + b"\n")
        home.write(user("sub whale") + b"\n", relative="subagents/agent-abcdef.jsonl")
        home.write(user("a shark") + b"\n", TWO)
        said = run(home, "whale")
        assert said.exit_code == 0
        assert f"{there.url} does not search what is said in its sessions" in said.stderr
        assert "2 transcripts on this machine were searched instead" in said.stderr
        assert "user:1  a whale" in said.stdout
        assert "subagent user:1  sub whale" in said.stdout
        assert SECRET not in said.stdout
        assert found(home, "whale") == {ONE: "this machine"}
        assert found(home, "shark") == {TWO: "this machine"}
        assert run(home, "dolphin").exit_code == 1


def test_of_a_server_that_is_down_that_is_said_and_what_is_here_is_searched(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"backend_url": "http://127.0.0.1:1", "api_key": KEY})
    home.write(user("a whale") + b"\n")
    said = run(home, "whale")
    assert said.exit_code == 6
    why, instead = said.stderr.splitlines()
    assert why.endswith("cannot be reached (Connection refused)")
    assert instead == "confab: so the one transcript on this machine was searched instead"
    assert "a whale" in said.stdout


def test_without_a_key_the_server_is_not_asked(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with serving_api(Api(search=True)) as there:
        write_config(home.paths.config, {"backend_url": there.url})
        said = run(home, "whale")
        assert there.api.asked == []
    assert said.exit_code == 6
    assert "there is no API key" in said.stderr


def test_every_server_that_is_bound_is_searched(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    binding = {"backend_url": server.url, "api_key": server.key()}
    write_config(home.paths.config, {"bindings": {"claude-code": {"/elsewhere": binding}}})
    with server.store() as store:
        put(store, ONE, user("a whale"))
    assert found(home, "whale") == {ONE: server.url}
