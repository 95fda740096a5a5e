"""A live page is sent what changed, at once, and no stream outlives its reader or its server."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from confab_sync.errors import RequestRefused
from confab_sync.server.event_stream import Streams
from confab_sync.server.local import Local, LocalSession

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIVE = "/pages/now/live"
INIT = {"external_id": "e", "transcript_path": "/t"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as found:
        yield found


@contextmanager
def signed_in(server: Serving, user: int = 1) -> Iterator[httpx.Client]:
    with server.store() as store:
        store.accounts.add_link(user, "secret")
    headers = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=60) as http:
        http.post("/auth/sign-in", data={"token": "secret"})
        yield http


def messages(response: httpx.Response) -> Iterator[dict[str, object]]:
    """The data of each event."""
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def init(server: Serving, key: str, name: str) -> None:
    with server.client(key) as client:
        body = {**INIT, "external_id": name, "metadata": {"hostname": f"host-of-{name}"}}
        assert client.post("/api/v1/sync/init", json=body).status_code == 200


def test_change_by_a_request_and_by_another_process_arrives(server: Serving) -> None:
    with signed_in(server) as http, http.stream("GET", LIVE) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        told = messages(response)
        assert "No session yet" in str(next(told)["html"])
        init(server, server.key(), "one")
        assert "host-of-one" in str(next(told)["html"])
        with server.store() as store:
            store.set_summary("claude-code", "one", "Said by a daemon")
        assert any("Said by a daemon" in str(each["html"]) for each in told)


def test_only_ones_own_sessions_and_only_the_owners_host(tmp_path: Path) -> None:
    mine = LocalSession("x", "https://other.example", "", "/secret/place", "syncing", True)
    local = Local("here", lambda: [mine])
    with serving(tmp_path, local=local) as server:
        init(server, server.key(), "one")
        init(server, server.key("b@c.d"), "two")
        with server.store() as store:
            other = store.accounts.user("b@c.d").id
        with signed_in(server) as http:
            page = http.get("/").text
            assert ("host-of-one" in page, "/secret/place" in page) == (True, True)
            assert "host-of-two" not in page
        with signed_in(server, other) as http:
            page = http.get("/").text
            assert ("host-of-one" in page, "/secret/place" in page) == (False, False)
            assert "host-of-two" in page


@pytest.mark.parametrize("path", [LIVE, "/pages/usage/live"])
def test_nobody_is_told_anything_without_a_cookie(server: Serving, path: str) -> None:
    with server.client(server.key()) as http:  # a key is for machines
        assert http.get(path).status_code == 401


@pytest.mark.parametrize("path", [LIVE, "/pages/usage/live"])
def test_stream_ends_when_its_reader_signs_out_elsewhere(server: Serving, path: str) -> None:
    with signed_in(server) as http, http.stream("GET", path) as response:
        told = messages(response)
        next(told)
        http.post("/auth/sign-out")
        init(server, server.key(), "secret-name")
        assert not any("secret-name" in str(each) for each in told)


def test_stream_ends_when_its_user_is_disabled(server: Serving) -> None:
    server.key("b@c.d")
    with server.store() as store:
        user = store.accounts.user("b@c.d")
    with signed_in(server, user.id) as http, http.stream("GET", LIVE) as response:
        told = messages(response)
        next(told)
        with server.store() as store:
            store.accounts.set_state("b@c.d", "disabled")
        assert list(told) == []


def test_stream_ends_with_its_server(tmp_path: Path) -> None:
    with ExitStack() as after, serving(tmp_path) as server:
        http = after.enter_context(signed_in(server))
        told = messages(after.enter_context(http.stream("GET", LIVE)))
        next(told)
        after.callback(lambda: ended.append(list(told)))
        ended: list[object] = []
    assert ended == [[]]  # it was ended well, not cut off


def test_one_user_cannot_have_all_streams() -> None:
    streams = Streams(per_user=1)
    with streams.one_more(1):
        streams.refuse_too_many(2)
        with pytest.raises(RequestRefused) as refused:
            streams.refuse_too_many(1)
        assert refused.value.status == 429
    streams.refuse_too_many(1)
