"""What another machine has sent to the server is found there by its id, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.claude.directories import project_dir
from confab_sync.cli.open import command as open_command
from confab_sync.cli.restore import command as restore
from confab_sync.cli.session_source import kept
from confab_sync.cli.show import command as show
from confab_sync.config import write_config
from confab_sync.errors import (
    AmbiguousSession,
    BackendUnauthorized,
    BackendUnavailable,
    SessionNotFound,
)
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo
from tests.backends.http.api import KEY, Api, json_reply, text
from tests.backends.http.socket_server import serving as serving_api
from tests.claude.test_conversation import user
from tests.cli.archives import ONE, TWO, Home
from tests.server.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import click


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server") as found:
        yield found


def here(tmp_path: Path, url: str, key: str) -> Home:
    """A machine that knows nothing but the server and its key."""
    home = Home(tmp_path)
    write_config(home.paths.config, {"backend_url": url, "api_key": key})
    return home


def put(server: Serving, name: str) -> str:
    with server.store() as store:
        session = store.open_session(SessionInfo("claude-code", name, "/t")).session_id
        data = user("a whale") + b"\n"
        metadata = ChunkMetadata(first_user_message=f"About {name}")
        chunk = Chunk(f"{name}.jsonl", "transcript", 1, 1, data, len(data), metadata=metadata)
        store.append(session, chunk)
    return session


def run(home: Home, command: click.Command, *arguments: str) -> str:
    runner = CliRunner()
    return runner.invoke(command, arguments, obj=home.context, catch_exceptions=False).stdout


@pytest.mark.parametrize("length", [4, 36])
def test_a_session_is_found_by_the_beginning_of_its_id(
    tmp_path: Path, server: Serving, length: int
) -> None:
    session_id = put(server, ONE)
    put(server, TWO)
    home = here(tmp_path, server.url, server.key())
    assert "a whale" in run(home, show, ONE[:length])
    page = f"{server.url}/sessions/{session_id}\n"
    assert run(home, open_command, ONE[:length], "--print") == page


def test_a_session_is_found_by_its_id_at_the_server(tmp_path: Path, server: Serving) -> None:
    session_id = put(server, ONE)
    home = here(tmp_path, server.url, server.key())
    assert kept(home.context, session_id.upper()).external_id == ONE


def test_a_session_is_restored_into_a_checkout_on_this_machine(
    tmp_path: Path, server: Serving
) -> None:
    put(server, ONE)
    home = here(tmp_path, server.url, server.key())
    work = tmp_path / "work"
    work.mkdir()
    run(home, restore, ONE[:6], "--to", str(work))
    place = project_dir(str(tmp_path / ".claude" / "projects"), str(work))
    assert place is not None
    with open(f"{place}/{ONE}.jsonl", "rb") as transcript:
        assert transcript.read() == user("a whale") + b"\n"


def test_no_and_several_sessions_are_told_apart(tmp_path: Path, server: Serving) -> None:
    put(server, ONE)
    put(server, ONE[:-1] + "6")
    home = here(tmp_path, server.url, server.key())
    with pytest.raises(AmbiguousSession):
        kept(home.context, ONE[:8])
    for wanted in ("fff", "", "x" * 1000, "whale"):
        with pytest.raises(SessionNotFound):
            kept(home.context, wanted)


def test_nobody_elses_session_is_found(tmp_path: Path, server: Serving) -> None:
    session_id = put(server, ONE)
    home = here(tmp_path, server.url, server.key("ann@example.com"))
    for wanted in (ONE, ONE[:8], session_id):
        with pytest.raises(SessionNotFound):
            kept(home.context, wanted)


def test_a_server_that_lists_nothing_to_a_key_knows_whole_ids(tmp_path: Path) -> None:
    with serving_api(Api()) as there:
        there.api.always(json_reply(200, {"session_id": "s-1"}), f"/by-external-id/{ONE}")
        home = here(tmp_path, there.url, KEY)
        assert kept(home.context, ONE).session_id == "s-1"
        there.api.always(json_reply(404, {"error": "Session not found"}), ONE[:8])
        with pytest.raises(SessionNotFound):
            kept(home.context, ONE[:8])


def test_an_id_that_a_server_makes_up_never_becomes_a_path(tmp_path: Path) -> None:
    listed = {"sessions": [{"external_id": "../../evil", "id": "s-1"}]}
    with serving_api(Api(list_with_key=True)) as there:
        there.api.always(json_reply(200, listed), "/api/v1/sessions")
        there.api.always(json_reply(404, {"error": "Session not found"}))
        with pytest.raises(SessionNotFound):
            kept(here(tmp_path, there.url, KEY).context, "../../evil")


def test_a_server_that_cannot_be_asked_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable):
        kept(here(tmp_path, "http://127.0.0.1:1", KEY).context, ONE)
    with serving_api(Api()) as there:
        there.api.always(text(401, "Invalid API key"))
        with pytest.raises(BackendUnauthorized):
            kept(here(tmp_path / "other", there.url, KEY).context, ONE)


def test_without_a_key_nobody_is_asked(tmp_path: Path) -> None:
    with serving_api(Api()) as there:
        with pytest.raises(SessionNotFound):
            kept(here(tmp_path, there.url, "").context, ONE)
        assert there.api.asked == []
