from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.backends.protocol import Appended
from confab_sync.config import Send, write_config
from confab_sync.engine.masked import masking_backend
from confab_sync.engine.reduced import ReducedBackend, last_part, without_paths
from confab_sync.metadata import ChunkMetadata
from confab_sync.paths import Paths
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, OpenedSession, SessionInfo

INFO = SessionInfo(
    provider="claude-code",
    external_id="s",
    transcript_path="/home/ada/.claude/projects/-home-ada-app/s.jsonl",
    cwd="/home/ada/app/",
    hostname="ada-laptop",
    username="ada",
    git_info={
        "repo_url": "/srv/git/app.git",
        "branch": "/main",
        "remotes": [
            {"name": "origin", "fetch_url": "/srv/git/app.git", "push_url": "file:///srv/x/"},
            {"name": "up", "fetch_url": "https://github.com/a/app", "push_url": "git@h:/srv/app"},
            7,
        ],
    },
)
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


class Recording(EmbeddedBackend):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def open_session(self, info: SessionInfo) -> OpenedSession:
        self.told.append(info)
        return OpenedSession("b", "claude-code", {})

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        self.told.append(chunk)
        return Appended(1)

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        self.told.append(payload)


def opened(send: Send) -> SessionInfo:
    backend = Recording()
    ReducedBackend(backend, send).open_session(INFO)
    (info,) = backend.told
    assert isinstance(info, SessionInfo)
    return info


def test_host_and_user_are_left_out_each_by_itself() -> None:
    assert (opened(Send(hostname=False)).hostname, opened(Send(hostname=False)).username) == (
        "",
        "ada",
    )
    assert (opened(Send(username=False)).hostname, opened(Send(username=False)).username) == (
        "ada-laptop",
        "",
    )
    assert opened(Send()) == INFO


def test_of_paths_only_the_last_part_is_told() -> None:
    info = opened(Send(paths=False))
    assert (info.transcript_path, info.cwd) == ("s.jsonl", "app")
    assert info.git_info == {
        "repo_url": "app.git",
        "branch": "/main",
        "remotes": [
            {"name": "origin", "fetch_url": "app.git", "push_url": "x"},
            {"name": "up", "fetch_url": "https://github.com/a/app", "push_url": "git@h:/srv/app"},
            7,
        ],
    }
    assert "/home" not in repr(info)
    assert "/srv/git" not in repr(info)


@pytest.mark.parametrize(("path", "name"), [("/", ""), ("", ""), ("/a/b//", "b"), ("b", "b")])
def test_the_last_part_of_a_path(path: str, name: str) -> None:
    assert last_part(path) == name


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, {"remotes": "x"}, {"repo_url": None}])
def test_facts_of_another_shape_pass(odd: object) -> None:
    assert without_paths(odd) == odd


def test_chunks_and_the_last_payload_name_no_places_either() -> None:
    backend = Recording()
    reduced = ReducedBackend(backend, Send(paths=False))
    git_info = {"repo_url": "../app.git"}
    metadata = ChunkMetadata(summary="about /home/ada", git_info=git_info)
    chunk = Chunk("s.jsonl", "transcript", 1, 1, b"/home/ada\n", 10, metadata=metadata)
    reduced.append("b", chunk)
    reduced.end_session("b", NOON, {"reason": "/exit", "cwd": "/a/b", "transcript_path": "/c/d"})
    reduced.end_session("b", NOON, None)
    sent, *payloads = backend.told
    assert isinstance(sent, Chunk)
    assert sent.data == b"/home/ada\n"
    assert sent.metadata == ChunkMetadata(
        summary="about /home/ada", git_info={"repo_url": "app.git"}
    )
    assert payloads == [{"reason": "/exit", "cwd": "b", "transcript_path": "d"}, None]


def test_it_stands_where_the_settings_say_so(tmp_path: Path) -> None:
    paths = Paths({"HOME": str(tmp_path), "CONFAB_HOME": str(tmp_path / "confab")})
    for redaction in ({"enabled": False}, None):
        write_config(paths.config, {"send": {"paths": False}, "redaction": redaction})
        backend = masking_backend(paths, None, lambda _: None)
        backend.open_session(INFO)
        backend.close()
        with Store.open(paths.store, clock=lambda: NOON, create=False) as store:
            (session,) = store.sessions()
        assert (session.transcript_path, session.cwd) == ("s.jsonl", "app")


def test_what_is_described_only_when_it_is_sent_is_reduced_as_well() -> None:
    """Without a masker nobody has asked for the description before."""
    backend = Recording()
    said = ChunkMetadata(git_info={"repo_url": "/srv/git/app.git"})
    chunk = Chunk("s.jsonl", "transcript", 1, 1, b"{}\n", 3, describe=lambda _: said)
    ReducedBackend(backend, Send(paths=False)).append("b", chunk)
    (sent,) = backend.told
    assert isinstance(sent, Chunk)
    assert sent.described().metadata.git_info == {"repo_url": "app.git"}
