"""Files come back from a server whole and in pieces, at its pace, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.backends.http import client as clients
from confab_sync.backends.http.address import Address
from confab_sync.backends.http.client import Client
from confab_sync.backends.http.downloads import WAITS, Downloads
from confab_sync.backends.http.transport import DeadlineTransport
from confab_sync.errors import BackendRefused, BackendUnavailable
from confab_sync.store.values import SessionInfo, SideFile
from tests.backends.http.api import KEY, Api, ApiTransport, Asked, Reply, Rule, json_reply, text
from tests.server.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://confab.example.com"


def downloads(api: Api, waits: list[float]) -> Downloads:
    client = Client(Address(URL, None), KEY, lambda: ApiTransport(api))
    return Downloads(client, "s-1", "abc", waits.append)


def lines(asked: Asked) -> Reply | None:
    if asked.path.endswith("/files"):
        listed = [{"file_name": "a", "file_type": "agent", "last_synced_line": 1}]
        return json_reply(200, {"files": listed})
    if asked.path.endswith("/download"):
        return Reply(200, b"1\n", "text/plain; charset=utf-8")
    return None


def test_hurried_server_is_waited_for(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        with server.store() as store:
            session_id = store.open_session(SessionInfo("claude-code", "abc", "/t")).session_id
            for number in range(150):
                store.put_side_file(session_id, SideFile(f"{number:03}", b"%d" % number, 1))
        where = Address(server.url, None)
        client = Client(where, server.key(), lambda: DeadlineTransport(where, {}))
        there = Downloads(client, session_id, "abc", server.clock.advance)
        names = [file.name for file in there.side_files()]
        found = [b"".join(there.read_side_file(name)) for name in names]
        there.close()
    assert found == [b"%d" % number for number in range(150)]


@pytest.mark.parametrize(("says", "waited"), [("7", 7.0), ("86400", 60.0), ("", 1.0)])
def test_time_that_the_server_names_is_kept_within_reason(says: str, waited: float) -> None:
    api, waits = Api(), list[float]()
    api.rules.append(lines)
    hurry = text(429, "slow down", **({"Retry-After": says} if says else {}))
    there = downloads(api, waits)
    api.rules.insert(0, once(hurry))
    assert [file.name for file in there.files()] == ["a"]
    api.rules.insert(0, once(hurry))
    assert list(there.read_file("a")) == [b"1\n"]
    assert waits == [waited, waited]


def once(reply: Reply) -> Rule:
    left = [reply]
    return lambda _: left.pop() if left else None


def test_server_that_is_never_ready_is_given_up() -> None:
    api, waits = Api(), list[float]()
    api.always(text(429, "slow down"))
    there = downloads(api, waits)
    with pytest.raises(BackendUnavailable, match="429"):
        there.files()
    with pytest.raises(BackendUnavailable, match="429"):
        list(there.read_file("a"))
    assert waits == [*WAITS[:-1], *WAITS[:-1]]


def test_file_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "LARGEST_DOWNLOAD", 1)
    api = Api()
    api.rules.append(lines)
    with pytest.raises(BackendUnavailable, match="without end"):
        list(downloads(api, []).read_file("a"))


def test_file_of_more_than_an_answer_may_have_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "LARGEST_ANSWER", 200)
    api = Api()
    large = b"x" * 1000 + b"\n"
    api.rules.append(
        lambda asked: Reply(200, large, "text/plain") if asked.path.endswith("/download") else None
    )
    assert b"".join(downloads(api, []).read_file("a")) == large


def test_refusal_is_told_before_anything_is_read() -> None:
    api = Api()
    api.always(json_reply(400, {"error": "no"}))
    with pytest.raises(BackendRefused, match="no"):
        list(downloads(api, []).read_file("a"))
