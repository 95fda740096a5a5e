"""Our own HTTP backend and our own server understand each other in all they have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from confab_sync.backends.http.connection import http_backend
from confab_sync.errors import BackendUnauthorized, PositionMoved, SessionGone
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo, SideFile

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.backends.http.backend import HttpBackend

INFO = SessionInfo("claude-code", "e-1", "/t/e-1.jsonl", "/home", "box", "ann", {"branch": "main"})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "server") as found:
        yield found


def backend(server: Serving, key: str, home: Path) -> HttpBackend:
    return http_backend(server.url, key, backoff=str(home), environ={}, pause=server.clock.advance)


def chunk(
    *lines: bytes, first: int = 1, name: str = "e-1.jsonl", kind: str = "transcript"
) -> Chunk:
    data = b"".join(line + b"\n" for line in lines)
    metadata = ChunkMetadata(summary="S", first_user_message="F")
    return Chunk(name, kind, first, len(lines), data, len(data), metadata=metadata)


def test_everything_arrives(server: Serving, tmp_path: Path) -> None:
    client = backend(server, server.key(), tmp_path)
    session_id = client.open_session(INFO).session_id
    large = [b"%d " % number + b"x" * 3000 for number in range(2000)]
    assert client.append(session_id, chunk(*large)).lines == 2000
    assert client.append(session_id, chunk(b"", b"last", first=2001)).lines == 2002
    with pytest.raises(PositionMoved):
        client.append(session_id, chunk(b"x", first=7))
    for name, kind in (
        ("subagents/workflows/w/agent-1.jsonl", "agent"),
        ("subagents/workflows/w/journal.jsonl", "workflow_journal"),
        ("tool-results/a.txt", "side"),
    ):
        assert client.takes(kind, name)
    client.put_side_file(session_id, SideFile("tool-results/a.txt", b"\0" * 10_000, 5))
    client.end_session(session_id, datetime.now(UTC), {"reason": "exit"})
    client.summarize("claude-code", "e-1", "Better")
    opened = client.open_session(INFO)
    assert {name: file.lines for name, file in opened.files.items()} == {"e-1.jsonl": 2002}
    client.close()
    with server.store() as store:
        (session,) = store.sessions()
        assert (session.summary, session.first_user_message) == ("Better", "F")
        assert (session.cwd, session.hostname, session.username) == ("/home", "box", "ann")
        assert session.git_info == {"branch": "main"}
        content = b"".join(store.read_file(session_id, "e-1.jsonl"))
        assert content == b"".join(line + b"\n" for line in [*large, b"", b"last"])
        assert store.read_side_file(session_id, "tool-results/a.txt") == b"\0" * 10_000
        assert store.check() == []


def test_deleted_session_is_gone_for_the_client(server: Serving, tmp_path: Path) -> None:
    client = backend(server, server.key(), tmp_path)
    session_id = client.open_session(INFO).session_id
    with server.store() as store:
        store.delete_session(session_id)
    with pytest.raises(SessionGone):
        client.append(session_id, chunk(b"x"))
    client.close()


def test_revoked_key_is_told(server: Serving, tmp_path: Path) -> None:
    client = backend(server, server.key(), tmp_path)
    session_id = client.open_session(INFO).session_id
    with server.store() as store:
        store.accounts.revoke_key(1, "test")
    with pytest.raises(BackendUnauthorized):
        client.append(session_id, chunk(b"x"))
    client.close()


def test_session_of_the_embedded_store_goes_on_over_http(server: Serving, tmp_path: Path) -> None:
    with server.store() as store:
        session_id = store.open_session(INFO).session_id
        store.append(session_id, Chunk("e-1.jsonl", "transcript", 1, 2, b"1\n2", 3, open_end=True))
    client = backend(server, server.key(), tmp_path)
    opened = client.open_session(INFO)
    assert (opened.session_id, opened.files["e-1.jsonl"].lines) == (session_id, 2)
    assert client.append(session_id, chunk(b"3", first=3)).lines == 3
    client.close()
    with server.store() as store:
        assert b"".join(store.read_file(session_id, "e-1.jsonl")) == b"1\n2\n3\n"


def test_what_the_daemon_says_of_itself_rides_on_its_requests(
    server: Serving, tmp_path: Path
) -> None:
    client = http_backend(
        server.url,
        server.key(),
        backoff=str(tmp_path),
        environ={},
        live=lambda: {"phase": "syncing", "lag_seconds": 1.5, "behind_bytes": None},
    )
    session_id = client.open_session(INFO).session_id
    with server.store() as store:
        assert store.sessions()[0].live is None  # until the server has said that it listens
    said = ChunkMetadata(first_user_message="F", context_used=50_000, context_size=200_000)
    client.append(session_id, Chunk("e-1.jsonl", "transcript", 1, 1, b"x\n", 2, metadata=said))
    client.append(session_id, chunk(b"y", name="agent-1.jsonl", kind="agent"))
    client.close()
    with server.store() as store:
        assert store.sessions()[0].live == {
            "phase": "syncing",
            "lag_seconds": 1.5,
            "context_used": 50_000,
            "context_size": 200_000,
        }
