"""A server is asked only if it says that it searches, and is believed only what makes sense."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpcore
import pytest

from confab_sync.backends.http.address import address
from confab_sync.backends.http.client import Client
from confab_sync.backends.http.searching import SearchedThere, search
from confab_sync.errors import BackendUnauthorized, BackendUnavailable
from tests.backends.http.api import KEY, Api, ApiTransport, Asked, Reply, json_reply, text


def asked(api: Api, *, key: str = KEY, limit: int = 10, **where: Any) -> SearchedThere | None:
    there = address("https://confab.example.com", {}, allow_plain_http=False)
    client = Client(there, key, lambda: ApiTransport(api))
    return search(client, "whale", limit=limit, **where)


def session(number: int) -> dict[str, object]:
    passage = {"file_name": "f", "line": 3, "role": "user", "text": "whale"}
    return {
        "id": f"there-{number}",
        "external_id": f"s{number}",
        "last_message_at": "2026-03-01T00:00:00Z",
        "matches": 2,
        "passages": [passage],
    }


def pages(api: Api, count: int) -> None:
    """Let the server have so many sessions."""

    def rule(asked: Asked) -> Reply | None:
        if not asked.path.endswith("/search"):
            return None
        offset, limit = (int(asked.query[key][0]) for key in ("offset", "limit"))
        found = [session(number) for number in range(count)][offset : offset + limit]
        return json_reply(200, {"sessions": found, "is_up_to_date": True})

    api.rules.append(rule)


@pytest.mark.parametrize("api", [Api(), Api(side_files=True)])
def test_a_server_that_does_not_search_is_not_asked_to(api: Api) -> None:
    assert asked(api) is None
    assert api.count("/search") == 0


def test_without_a_key_nothing_is_asked() -> None:
    api = Api(search=True)
    with pytest.raises(BackendUnauthorized):
        asked(api, key="")
    assert api.asked == []


def test_pages_are_put_together_up_to_the_limit() -> None:
    api = Api(search=True)
    pages(api, 250)
    found = asked(api, limit=1000)
    assert found is not None
    assert [each.external_id for each in found.sessions] == [f"s{n}" for n in range(250)]
    assert api.count("/search") == 3
    some = asked(api, limit=120)
    assert some is not None
    assert len(some.sessions) == 120


def test_what_is_wanted_is_said() -> None:
    api = Api(search=True)
    pages(api, 1)
    asked(api, projects=("/work", "/home"), since=datetime(2026, 1, 1, tzinfo=UTC))
    query = api.asked[-1].query
    assert (query["q"], query["project"]) == (["whale"], ["/work", "/home"])
    assert query["since"] == ["2026-01-01T00:00:00Z"]


@pytest.mark.parametrize(
    "body", [{}, {"sessions": "x"}, {"sessions": [1]}, {"sessions": [{"passages": None}]}]
)
def test_nonsense_is_not_believed(body: object) -> None:
    api = Api(search=True)
    api.always(json_reply(200, body), "/search")
    with pytest.raises(BackendUnavailable):
        asked(api)


def test_odd_values_are_left_out() -> None:
    api = Api(search=True)
    odd = {
        "external_id": 7,
        "last_message_at": "2026-03-01T00:00:00",
        "matches": -1,
        "title": "x" * 100_000,
        "passages": [None, {"line": True, "text": ["x"]}],
    }
    api.always(json_reply(200, {"sessions": [odd]}), "/search")
    found = asked(api)
    assert found is not None
    (one,) = found.sessions
    assert (one.external_id, one.count, one.last.tzinfo) == ("", 0, UTC)
    assert len(one.title) < 10_000
    assert [(each.line, each.text) for each in one.passages] == [(0, "")]


def test_a_server_that_gives_more_than_was_asked_for_is_cut_short() -> None:
    api = Api(search=True)
    api.always(json_reply(200, {"sessions": [session(n) for n in range(50)]}), "/search")
    found = asked(api, limit=10)
    assert found is not None
    assert len(found.sessions) == 10


@pytest.mark.parametrize("reply", [text(503, "later"), text(401, "Invalid API key")])
def test_trouble_is_told(reply: Reply) -> None:
    api = Api(search=True)
    api.always(reply, "/search")
    with pytest.raises((BackendUnavailable, BackendUnauthorized)):
        asked(api)


def test_no_answer_is_trouble() -> None:
    def refuse(asked: Asked) -> Reply | None:
        raise httpcore.ConnectError("refused")

    api = Api(search=True)
    api.rules.append(refuse)
    there = address("https://confab.example.com", {}, allow_plain_http=False)
    client = Client(there, KEY, lambda: ApiTransport(api))
    with pytest.raises(BackendUnavailable):
        search(client, "whale", limit=1)
