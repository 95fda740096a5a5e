"""`confab push` brings the store to a server, masked, and says what is not there yet."""

from __future__ import annotations

import json
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from confab_sync.claude.metadata import chunk_metadata
from confab_sync.cli.push import command
from confab_sync.cli.remains import remains
from confab_sync.config import write_config
from confab_sync.errors import (
    BackendUnauthorized,
    BackendUnavailable,
    ConfabError,
    ConfigError,
    SessionNotFound,
    StoreUnavailable,
    UsageError,
)
from confab_sync.presence import lock
from confab_sync.store.archive import UserArchive
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, Lines, SessionInfo, SideFile
from tests.backends.http.api import KEY as API_KEY
from tests.backends.http.api import Api, error, json_reply, text
from tests.backends.http.socket_server import serving as serving_api
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.cli.homes import Home as TerminalHome
from tests.cli.homes import in_a_terminal
from tests.server.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

SECRET = "sk-ant-" + "api03-" + "Zq7" * 31 + "AA"
"""Has the shape of a key, and is none."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server") as found:
        yield found


def archive(
    home: Home, name: str = ONE, data: bytes = b"{}\n", *, cwd: str = "/work/app", first: int = 1
) -> str:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        info = SessionInfo("claude-code", name, f"/p/{name}.jsonl", cwd=cwd)
        session = store.open_session(info).session_id
        lines = data.count(b"\n")
        store.append(session, Chunk(f"{name}.jsonl", "transcript", first, lines, data, len(data)))
        store.put_side_file(session, SideFile("tool-results/a.txt", b"result", 5))
        return session


def run(home: Home, *arguments: str, key: str = "", status: int = 0) -> Result:
    words = [*arguments, "--api-key-stdin"] if key else list(arguments)
    result = CliRunner().invoke(
        command, words, obj=home.context, input=key or None, standalone_mode=False
    )
    if result.exception:
        raise result.exception
    assert result.return_value == status, result.output
    return result


def contents(server: Serving) -> dict[str, bytes]:
    """The transcript of each session at the server."""
    with server.store() as store:
        return {
            session.external_id: b"".join(
                store.read_file(session.session_id, f"{session.external_id}.jsonl")
            )
            for session in store.sessions()
        }


def test_all_sessions_arrive_and_a_second_time_sends_nothing(
    tmp_path: Path, server: Serving
) -> None:
    home = Home(tmp_path)
    archive(home, ONE, b'{"n":1}\n{"n":2}\n')
    archive(home, TWO)
    said = run(home, "--all", "--to", server.url + "/", key=server.key()).output
    assert f"At {server.url} now: 2 of 2 sessions; sent: 3 lines, 2 side files." in said
    assert contents(server) == {ONE: b'{"n":1}\n{"n":2}\n', TWO: b"{}\n"}
    with server.store() as store:
        for session in store.sessions():
            assert store.read_side_file(session.session_id, "tool-results/a.txt") == b"result"
    again = run(home, "--all", "--to", server.url, key=server.key()).output
    assert "sent: 0 lines, 0 side files." in again


def test_lines_that_no_server_can_have_as_they_are_are_counted(
    tmp_path: Path, server: Serving
) -> None:
    home = Home(tmp_path)
    archive(home, ONE, b"\xff\n" + b"x" * 17_000_000 + b"\n")
    said = run(home, "--all", "--to", server.url, key=server.key()).output
    assert "A placeholder stands for 1 line " in said
    assert "In 1 line bytes that are not UTF-8 were replaced." in said


def test_only_what_was_named_is_sent(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home, ONE)
    archive(home, TWO)
    run(home, ONE[:6], "--to", server.url, key=server.key())
    assert list(contents(server)) == [ONE]
    with pytest.raises(SessionNotFound):
        run(home, "fff", "--to", server.url, key=server.key())


def test_nothing_unmasked_leaves_even_if_the_store_has_it(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home, ONE, json.dumps({"text": f"key {SECRET}"}).encode() + b"\n")
    said = run(home, "--all", "--to", server.url, key=server.key()).output
    assert "Masked on the way: 1 API_KEY." in said
    (content,) = contents(server).values()
    assert SECRET.encode() not in content
    assert b"[REDACTED:API_KEY]" in content


def test_a_title_that_was_cut_before_anything_was_masked_gives_no_secret_away(
    tmp_path: Path, server: Serving
) -> None:
    home = Home(tmp_path)
    message = "x " * 2000 + SECRET + " and so on" * 20
    row = {"type": "user", "message": {"role": "user", "content": message}}
    line = json.dumps(row).encode() + b"\n"
    told = chunk_metadata("transcript", line)
    assert told.first_user_message is not None
    assert SECRET[:40] in told.first_user_message
    assert SECRET not in told.first_user_message
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        info = SessionInfo("claude-code", ONE, f"/p/{ONE}.jsonl", cwd="/work/app")
        session = store.open_session(info).session_id
        chunk = Chunk(f"{ONE}.jsonl", "transcript", 1, 1, line, len(line), metadata=told)
        store.append(session, chunk)
    run(home, "--all", "--to", server.url, key=server.key())
    with server.store() as store:
        (there,) = store.sessions()
    assert there.first_user_message is not None
    assert there.first_user_message.startswith("x x")
    assert SECRET[:20] not in there.first_user_message


def test_of_several_keys_for_one_server_none_is_chosen(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    keys = {"/a": server.key(), "/b": server.key()}
    bound = {name: {"backend_url": server.url, "api_key": key} for name, key in keys.items()}
    write_config(home.paths.config, {"bindings": {"claude-code": bound}})
    with pytest.raises(UsageError, match="several keys"):
        run(home, "--all", "--to", server.url)
    run(home, "--all", "--to", server.url, key=keys["/b"])
    assert list(contents(server)) == [ONE]


def test_that_masking_is_off_is_said(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    write_config(home.paths.config, {"redaction": {"enabled": False}})
    assert "NOT MASKED" in run(home, "--all", "--to", server.url, key=server.key()).stderr


def test_a_masking_that_cannot_be_understood_sends_nothing(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    write_config(home.paths.config, {"redaction": {"patterns": [{"pattern": "("}]}})
    with pytest.raises(ConfigError):
        run(home, "--all", "--to", server.url, key=server.key())
    assert contents(server) == {}


def test_dry_run_asks_the_server_and_changes_nothing(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home, ONE)
    archive(home, TWO, b"1\n2\n")
    key = server.key()
    said = run(home, "--all", "--dry-run", "--to", server.url, key=key).output
    assert f"Would send 3 lines of 2 sessions to {server.url}" in said
    assert contents(server) == {}
    run(home, ONE, "--to", server.url, key=key)
    listed = run(home, "--all", "--dry-run", "--json", "--to", server.url, key=key).output
    missing = {each["id"]: each["missing_lines"] for each in json.loads(listed)["sessions"]}
    assert missing == {ONE: 0, TWO: 2}


def test_the_key_of_config_json_is_used_for_its_own_server_only(
    tmp_path: Path, server: Serving
) -> None:
    home = Home(tmp_path)
    archive(home)
    write_config(home.paths.config, {"backend_url": server.url, "api_key": server.key()})
    run(home, "--all", "--to", server.url)
    assert list(contents(server)) == [ONE]
    with serving_api(Api()) as other:
        with pytest.raises(UsageError, match="--api-key-stdin"):
            run(home, "--all", "--to", other.url)
        assert other.api.asked == []


def test_in_a_terminal_a_code_gives_a_key_that_is_kept_nowhere(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home)
    with serving_api(Api(side_files=True)) as there:
        code = {
            "device_code": "d" * 64,
            "user_code": "ABCD-2345",
            "verification_uri": f"{there.url}/auth/device",
            "expires_in": 300,
            "interval": 5,
        }
        there.api.always(json_reply(200, code), "/auth/device/code")
        there.api.always(json_reply(200, {"access_token": API_KEY}), "/auth/device/token")
        there.api.always(json_reply(200, {"valid": True, "email": "a"}), "/auth/validate")
        terminal = TerminalHome(tmp_path, home.context)
        words = ["push", "--all", "--to", there.url, "--no-browser"]
        _, shown = in_a_terminal(terminal, words, "")
        assert "approve the code ABCD-2345" in shown
        assert "now: 1 of 1 session; sent: 1 line" in " ".join(shown.split())
        assert there.api.bodies("/auth/device/code")[0]["key_name"].endswith(" push (Confab CLI)")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(API_KEY.encode() not in path.read_bytes() for path in kept)


def test_a_key_that_the_server_does_not_know_sends_nothing(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    with pytest.raises(BackendUnauthorized):
        run(home, "--all", "--to", server.url, key="cfb_" + "x" * 40)


def test_what_the_user_ignores_is_not_sent(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home, ONE, b'{"cwd":"/secret/place"}\n')
    archive(home, TWO)
    write_config(home.paths.config, {"ignore": ["/secret"]})
    said = run(home, "--all", "--to", server.url, key=server.key())
    assert "left alone: ignored: /secret" in said.stderr
    assert list(contents(server)) == [TWO]


def test_in_a_pause_nothing_is_sent(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    write_config(home.paths.config, {"paused": {}})
    with pytest.raises(ConfabError, match="paused"):
        run(home, "--all", "--to", server.url, key=server.key())
    assert contents(server) == {}


def test_what_a_daemon_sends_there_now_is_left_to_it(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, f"/p/{ONE}.jsonl", "/work/app")
        registry.opened("claude-code", ONE, server.url, "s-1")
    held = lock.take(home.session().lock)
    assert held is not None
    said = run(home, "--all", "--to", server.url, key=server.key())
    os.close(held)
    assert "its daemon sends it there itself" in said.stderr
    assert contents(server) == {}


def test_what_was_deleted_there_comes_back_only_by_name(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home)
    key = server.key()
    run(home, "--all", "--to", server.url, key=key)
    with server.store() as store:
        store.delete_session(store.sessions()[0].session_id)
    said = run(home, "--all", "--to", server.url, key=key).output
    assert f"Deleted there and not sent again: {ONE[:8]}" in said
    assert contents(server) == {}
    run(home, ONE, "--to", server.url, key=key)
    assert list(contents(server)) == [ONE]


def test_other_content_there_is_left_alone_and_told(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home, ONE, b"1\n2\n")
    with server.store() as store:
        session = store.open_session(SessionInfo("claude-code", ONE, "/t")).session_id
        store.append(session, Chunk(f"{ONE}.jsonl", "transcript", 1, 1, b"other\n", 6))
    said = run(home, "--all", "--to", server.url, key=server.key(), status=6)
    assert "has other content there" in said.stderr
    assert contents(server) == {ONE: b"other\n"}


def test_against_confab_web_side_files_are_left_out_and_counted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home)
    with serving_api(Api()) as there:
        account = json_reply(200, {"valid": True, "email": "ann@example.com", "name": None})
        there.api.always(account, "/auth/validate")
        said = run(home, "--all", "--to", there.url, key=API_KEY).output
        assert "Not taken by this server: 1 file" in said
        assert there.api.lines(f"{ONE}.jsonl") == ["{}"]


def outcome(said: Result) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(said.stdout)
    return told


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [
        (text(401, "Invalid API key"), "does not know this API key"),
        (text(403, "Account deactivated"), "may not do that"),
    ],
)
def test_where_nothing_is_taken_the_rest_is_not_tried(
    tmp_path: Path, reply: Any, trouble: str
) -> None:
    home = Home(tmp_path)
    archive(home, ONE)
    archive(home, TWO)
    with serving_api(Api()) as there:
        there.api.always(json_reply(200, {"valid": True, "email": "a"}), "/auth/validate")
        there.api.always(reply, "/sync/init")
        told = outcome(run(home, "--all", "--json", "--to", there.url, key=API_KEY, status=6))
        assert there.api.count("/sync/init") == 1
    assert (told["complete"], told["not_tried"]) == (False, 2)
    assert trouble in told["trouble"]


def test_one_sessions_trouble_is_not_the_others(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home, ONE)
    archive(home, TWO)
    with serving_api(Api()) as there:
        there.api.always(json_reply(200, {"valid": True, "email": "a"}), "/auth/validate")
        for _ in range(2):  # with details and without
            there.api.once(error(400, "never"), "/sync/init")
        told = outcome(run(home, "--all", "--json", "--to", there.url, key=API_KEY, status=6))
    assert sorted(each["outcome"] for each in told["sessions"]) == ["failed", "there"]


def test_a_copy_that_was_pushed_is_known_when_the_session_is_to_be_forgotten(
    tmp_path: Path, server: Serving
) -> None:
    home = Home(tmp_path)
    archive(home)
    run(home, "--all", "--to", server.url, key=server.key())
    assert [copy.backend for copy in remains(home.context, ONE).copies] == [server.url, "embedded"]


def test_another_users_sessions_go_to_their_own_account(tmp_path: Path, server: Serving) -> None:
    home = Home(tmp_path)
    archive(home, ONE)
    write_config(home.paths.config, {"backend_url": server.url, "api_key": server.key()})
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        theirs = store.sessions_of(store.accounts.add_user("ann@example.com").id)
        session = theirs.open(SessionInfo("claude-code", TWO, "/t")).session_id
        theirs.append(session, Lines(f"{TWO}.jsonl", "transcript", 1, [b"1", b"2"], 10))
        theirs.put_side_file(session, SideFile("a.txt", b"whole", 5))
        theirs.add_event(session, "session_end", NOW, {"reason": "exit"})
    arguments = ["--all", "--user", "ann@example.com", "--to", server.url]
    with pytest.raises(UsageError, match=r"a key of ann@example\.com"):
        run(home, *arguments)
    run(home, *arguments, key=server.key("ann@new.example.com"))
    assert contents(server) == {}
    with server.store() as store:
        (ann,) = (user for user in store.accounts.users() if user.email == "ann@new.example.com")
        copies = UserArchive(store.sessions_of(ann.id))
        (copy,) = copies.sessions()
        assert b"".join(copies.read_file(copy.session_id, f"{TWO}.jsonl")) == b"1\n2\n"
        assert copies.read_side_file(copy.session_id, "a.txt") == b"whole"
        assert [event.payload for event in copies.events(copy.session_id)] == [{"reason": "exit"}]


@pytest.mark.parametrize("arguments", [[], ["--all", ONE]])
def test_it_has_to_be_clear_what_is_meant(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        run(Home(tmp_path), *arguments, "--to", "http://127.0.0.1:1")


def test_addresses_and_stores_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(ConfigError):
        run(home, "--all", "--to", "http://example.com", key=API_KEY)
    with pytest.raises(StoreUnavailable):
        run(home, "--all", "--to", "http://127.0.0.1:1", key=API_KEY)
    archive(home)
    with pytest.raises(BackendUnavailable):
        run(home, "--all", "--to", "http://127.0.0.1:1", key=API_KEY)
