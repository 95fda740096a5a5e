"""`confab session` gives a session back from the server that it was sent to, or says why not."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from confab_sync.cli.session import group
from confab_sync.engine.registry import Registry
from confab_sync.errors import (
    AmbiguousSession,
    BackendUnauthorized,
    BackendUnavailable,
    ConfabError,
    ConfigError,
    SessionGone,
    SessionNotFound,
    StoreError,
)
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo, SideFile
from tests.backends.http.api import KEY, Api, Asked, Reply, json_reply
from tests.backends.http.socket_server import Server
from tests.backends.http.socket_server import serving as serving_api
from tests.server.serving import Serving, serving

from .homes import Home, home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = b"1\n\xc3\xa4\n"
AGENT = "subagents/workflows/wf_1/agent-a b&c.jsonl"
SIDE = "tool-results/\x1b.txt"
LARGE = b"x" * 1_000_000 + b"\0\xff"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server") as found:
        yield found


@pytest.fixture
def api() -> Iterator[Server]:
    with serving_api(Api(side_files=True)) as found:
        yield found


def configure(here: Home, **settings: Any) -> None:
    here.confab.mkdir(exist_ok=True)
    (here.confab / "config.json").write_text(json.dumps(settings))


def known(
    here: Home, external_id: str, backend: str, session_id: str, transcript: str = "/t"
) -> None:
    """The registry knows where the session went."""
    with closing(Registry(here.context.paths.registry, clock=here.context.clock)) as registry:
        registry.see("claude-code", external_id, transcript, "/w")
        if backend:
            registry.opened("claude-code", external_id, backend, session_id)


def fill(store: Store, external_id: str = "abc-1") -> str:
    session_id = store.open_session(SessionInfo("claude-code", external_id, "/t")).session_id
    store.append(session_id, Chunk(f"{external_id}.jsonl", "transcript", 1, 2, LINES, 5))
    store.append(session_id, Chunk(AGENT, "agent", 1, 1, b"{}\n", 3))
    store.put_side_file(session_id, SideFile(SIDE, LARGE, 1))
    return session_id


def sent(here: Home, server: Serving) -> str:
    """A session is at the server, and this machine has a key and knows that."""
    here.confab.mkdir(exist_ok=True)
    with server.store() as store:
        session_id = fill(store)
    configure(here, backend_url=server.url, api_key=server.key())
    known(here, "abc-1", server.url, session_id)
    return session_id


def run(here: Home, *arguments: str) -> str:
    result = CliRunner().invoke(group, arguments, obj=here.context, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output


@pytest.mark.parametrize("by", ["external", "public"])
def test_files_are_listed_as_the_server_has_them(tmp_path: Path, server: Serving, by: str) -> None:
    here = home(tmp_path)
    session_id = sent(here, server)
    wanted = "ab" if by == "external" else session_id[:8].upper()
    rows = [line.split() for line in run(here, "list-files", wanted).splitlines()]
    assert rows == [
        ["file", "type", "lines", "bytes"],
        ["abc-1.jsonl", "transcript", "2", "-"],
        [*AGENT.split(), "agent", "1", "-"],
        ["tool-results/\\x1b.txt", "side", "file", str(len(LARGE))],
    ]
    listed = json.loads(run(here, "list-files", wanted, "--json"))
    assert (listed["backend"], listed["session_id"]) == (server.url, session_id)
    assert [(file["name"], file["lines"], file["bytes"]) for file in listed["files"]] == [
        ("abc-1.jsonl", 2, None),
        (AGENT, 1, None),
    ]
    assert [(file["name"], file["bytes"]) for file in listed["side_files"]] == [(SIDE, len(LARGE))]


def test_download_has_the_same_layout_and_bytes_as_from_the_store(
    tmp_path: Path, server: Serving
) -> None:
    here = home(tmp_path)
    sent(here, server)
    out = tmp_path / "out"
    run(here, "download", "abc", "--output-dir", str(out))
    found = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.*")}
    assert found == {
        "abc-1.jsonl": LINES,
        f"abc-1/{AGENT}": b"{}\n",
        f"abc-1/{SIDE}": LARGE,
    }
    again = run(here, "download", "abc", "--output-dir", str(out))
    assert again.count("(was there already)") == 3
    (out / "abc-1.jsonl").write_bytes(b"mine")
    with pytest.raises(ConfabError, match="exists and is different"):
        run(here, "download", "abc", "--output-dir", str(out))
    told = run(here, "download", "abc", "--output-dir", str(out), "--file", SIDE, "--json")
    assert [file["written"] for file in json.loads(told)["files"]] == [False]


def test_older_copy_in_the_store_is_never_shown_for_that_at_the_server(
    tmp_path: Path, server: Serving
) -> None:
    here = home(tmp_path)
    sent(here, server)
    with Store.open(here.context.paths.store, clock=here.context.clock) as store:
        old = fill(store)
    assert json.loads(run(here, "list-files", "abc", "--json"))["backend"] == server.url
    told = run(here, "list-files", old)
    assert told.startswith("confab: this copy is in the store on this machine, not at the server")
    configure(here, backend_url=server.url, api_key="cfb_" + "x" * 40)
    with pytest.raises(BackendUnauthorized):
        run(here, "list-files", "abc")
    configure(here, backend_url=server.url)
    with pytest.raises(BackendUnauthorized, match="confab login"):
        run(here, "list-files", "abc")


def test_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    here = home(tmp_path)
    configure(here, backend_url="http://127.0.0.1:1", api_key="cfb_" + "x" * 40)
    known(here, "abc-1", "http://127.0.0.1:1", "s-1")
    with pytest.raises(BackendUnavailable, match="cannot be reached"):
        run(here, "list-files", "abc")


@pytest.mark.parametrize("settings", [{}, {"backend_url": "https://a.b", "api_key": "cfb_other"}])
def test_key_of_another_server_is_not_sent(
    tmp_path: Path, api: Server, settings: dict[str, str]
) -> None:
    here = home(tmp_path)
    configure(here, **settings)
    known(here, "abc-1", api.url, "s-1")
    with pytest.raises(ConfigError, match="does not name any more"):
        run(here, "list-files", "abc")
    assert api.api.asked == []


def test_bound_directory_has_its_own_server_and_key(tmp_path: Path, server: Serving) -> None:
    here = home(tmp_path)
    session_id = sent(here, server)
    bound = str(here.root / "work-claude")
    binding = {"backend_url": server.url, "api_key": server.key(name="work")}
    configure(
        here,
        backend_url=server.url,
        api_key="cfb_" + "x" * 40,
        bindings={"claude-code": {bound: binding}},
    )
    transcript = f"{bound}/projects/-p/abc-1.jsonl"
    known(here, "abc-1", server.url, session_id, transcript)
    assert "abc-1.jsonl" in run(here, "list-files", "abc")


def test_session_of_another_machine_is_read_with_the_key_that_finds_it(
    tmp_path: Path, server: Serving
) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    with server.store() as store:
        fill(store)
    keys = [server.key("other@example.com", name="a"), server.key(name="b"), server.key(name="c")]
    bound = [{"backend_url": server.url, "api_key": key} for key in keys[1:]]
    configure(
        here,
        backend_url=server.url,
        api_key=keys[0],
        bindings={"claude-code": {f"/bound-{n}": each for n, each in enumerate(bound)}},
    )
    assert "abc-1.jsonl" in run(here, "list-files", "abc-1")


def test_session_of_which_nothing_was_sent_is_told_apart(tmp_path: Path) -> None:
    here = home(tmp_path)
    configure(here, backend_url="https://a.b")
    known(here, "abc-1", "", "")
    with pytest.raises(ConfabError, match="nothing of the session abc-1 has reached"):
        run(here, "list-files", "abc")
    with pytest.raises(SessionNotFound):
        run(here, "list-files", "zzz")


def test_id_has_to_name_one_session_over_both_places(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    with Store.open(here.context.paths.store, clock=here.context.clock) as store:
        fill(store, "abc-2")
    known(here, "abc-1", "https://a.b", "s-1")
    with pytest.raises(AmbiguousSession, match=r"abc-1, abc-2"):
        run(here, "list-files", "abc")


def test_deleted_session_is_told(tmp_path: Path, server: Serving) -> None:
    here = home(tmp_path)
    session_id = sent(here, server)
    with server.store() as store:
        store.delete_session(session_id)
    with pytest.raises(SessionGone):
        run(here, "download", "abc", "--output-dir", str(tmp_path / "out"))


def listing(*files: tuple[str, str, int], side: tuple[str, ...] = ()) -> Any:
    """A rule of a server that lists these files and has some lines in each."""

    def serve(asked: Asked) -> Reply | None:
        if asked.path.endswith("/side-files"):
            return json_reply(
                200, {"side_files": [{"name": name, "bytes": 1, "updated_at": ""} for name in side]}
            )
        if asked.path.endswith("/files"):
            listed = [
                {"file_name": name, "file_type": kind, "last_synced_line": lines}
                for name, kind, lines in files
            ]
            return json_reply(200, {"files": listed})
        if asked.path.endswith("/files/download"):
            return Reply(200, b"1\n2\n", "text/plain; charset=utf-8")
        if asked.path.endswith("/side-files/download"):
            return Reply(200, b"x", "application/octet-stream")
        return None

    return serve


def hostile(here: Home, api: Server, rule: Any) -> None:
    configure(here, backend_url=api.url, api_key=KEY)
    known(here, "abc-1", api.url, "s-1")
    api.api.rules.append(rule)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a//b", "a\0b", "x" * 600])
@pytest.mark.parametrize("is_side_file", [False, True])
def test_name_that_leads_elsewhere_writes_nothing(
    tmp_path: Path, api: Server, name: str, is_side_file: bool
) -> None:
    here = home(tmp_path)
    rule = listing(side=(name,)) if is_side_file else listing((name, "agent", 1))
    hostile(here, api, rule)
    with pytest.raises(StoreError, match="file name"):
        run(here, "download", "abc", "--output-dir", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("first", "second"), [("a", "a/b"), ("agent-1.jsonl", "subagents/agent-1.jsonl")]
)
def test_names_that_collide_write_nothing(
    tmp_path: Path, api: Server, first: str, second: str
) -> None:
    here = home(tmp_path)
    hostile(here, api, listing((first, "agent", 1), (second, "agent", 1)))
    with pytest.raises(ConfabError, match="--file"):
        run(here, "download", "abc", "--output-dir", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_file_that_comes_short_is_not_there_at_all(tmp_path: Path, api: Server) -> None:
    here = home(tmp_path)
    hostile(here, api, listing(("abc-1.jsonl", "transcript", 3)))
    with pytest.raises(BackendUnavailable, match="shorter"):
        run(here, "download", "abc", "--output-dir", str(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []


def test_sign_in_page_in_place_of_a_file_is_not_taken_for_it(tmp_path: Path, api: Server) -> None:
    here = home(tmp_path)
    hostile(here, api, listing(("abc-1.jsonl", "transcript", 1)))
    page = Reply(200, b"<html>\n</html>\n", "text/html")
    api.api.rules.insert(0, lambda asked: page if asked.path.endswith("/download") else None)
    with pytest.raises(BackendUnavailable, match="sign-in page"):
        run(here, "download", "abc", "--output-dir", str(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    "files", [7, [7], [{}], [{"file_name": "a", "last_synced_line": True}], [{"file_name": 1}]]
)
def test_listing_that_is_none_is_refused(tmp_path: Path, api: Server, files: object) -> None:
    here = home(tmp_path)
    answer = json_reply(200, {"files": files})
    hostile(here, api, lambda asked: answer if asked.path.endswith("/files") else None)
    with pytest.raises(BackendUnavailable, match="it lists"):
        run(here, "list-files", "abc")


def test_server_without_side_files_is_not_asked_for_them(tmp_path: Path) -> None:
    here = home(tmp_path)
    with serving_api(Api()) as plain:
        hostile(here, plain, listing(("abc-1.jsonl", "transcript", 2), side=("a",)))
        listed = json.loads(run(here, "list-files", "abc", "--json"))
        assert listed["side_files"] == []
        assert not any("side-files" in asked.path for asked in plain.api.asked)
