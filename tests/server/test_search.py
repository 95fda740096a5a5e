"""A key's user finds what was said in their own sessions, and in nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.claude.test_conversation import assistant, user

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as found:
        yield found


def archive(
    http: httpx.Client, external_id: str, *lines: bytes, cwd: str = "/work/app", first: int = 1
) -> str:
    body: dict[str, Any] = {
        "external_id": external_id,
        "transcript_path": "/t",
        "metadata": {"cwd": cwd},
    }
    session_id = str(http.post("/api/v1/sync/init", json=body).json()["session_id"])
    body = {
        "session_id": session_id,
        "file_name": f"{external_id}.jsonl",
        "file_type": "transcript",
        "first_line": first,
        "lines": [line.decode() for line in lines],
        "metadata": {"first_user_message": f"About\n{external_id}"},
    }
    assert http.post("/api/v1/sync/chunk", json=body).status_code == 200
    return session_id


def search(http: httpx.Client, q: str, **query: Any) -> dict[str, Any]:
    answer = http.get("/api/v1/search", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [session["external_id"] for session in found["sessions"]]


def test_what_has_just_been_stored_is_found(server: Serving) -> None:
    with server.client(server.key()) as http:
        session_id = archive(http, "one", user("why"), assistant({"type": "text", "text": "whale"}))
        found = search(http, "whale")
        assert found["is_up_to_date"] is True
        (session,) = found["sessions"]
        assert session["id"] == session_id
        assert (session["title"], session["cwd"], session["matches"]) == (
            "About one",
            "/work/app",
            1,
        )
        (passage,) = session["passages"]
        assert passage["file_name"] == "one.jsonl"
        assert (passage["line"], passage["role"], passage["text"]) == (2, "assistant", "whale")
        archive(http, "one", user("a shark"), first=3)
        assert ids(search(http, "shark")) == ["one"]


def test_nobody_finds_the_sessions_of_another(server: Serving) -> None:
    with server.client(server.key()) as mine, server.client(server.key("a@b.c")) as theirs:
        archive(mine, "mine", user("whale"))
        archive(theirs, "theirs", user("whale"))
        assert ids(search(mine, "whale")) == ["mine"]
        assert ids(search(theirs, "whale")) == ["theirs"]
        assert search(theirs, "whale")["total"] == 1


def test_deleted_sessions_are_not_found(server: Serving) -> None:
    with server.client(server.key()) as http:
        session_id = archive(http, "one", user("whale"))
        assert ids(search(http, "whale")) == ["one"]
        assert http.delete(f"/api/v1/sessions/{session_id}").status_code == 200
        assert ids(search(http, "whale")) == []


def test_filters_and_pages(server: Serving) -> None:
    with server.client(server.key()) as http:
        for number in range(3):
            archive(http, f"s{number}", user("whale"), cwd=f"/work/p{number}/src")
        assert ids(search(http, "whale", project=["/work/p1", "p2"])) in (
            ["s1", "s2"],
            ["s2", "s1"],
        )
        assert ids(search(http, "whale", since="2999-01-01T00:00:00Z")) == []
        pages = [search(http, "whale", limit=2, offset=at) for at in (0, 2)]
        assert sorted(ids(pages[0]) + ids(pages[1])) == ["s0", "s1", "s2"]
        assert {page["total"] for page in pages} == {3}


def test_long_passages_are_cut_to_the_part_that_was_found(server: Serving) -> None:
    with server.client(server.key()) as http:
        archive(http, "one", user("x " * 50_000 + "whale" + " y" * 50_000))
        (passage,) = search(http, "whale")["sessions"][0]["passages"]
        assert "whale" in passage["text"]
        assert len(passage["text"]) <= 1000


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "q is required"),
        ({"q": "--"}, "there is no word"),
        ({"q": "x" * 1025}, "q exceeds maximum length"),
        ({"q": "a", "limit": "0"}, "limit must be"),
        ({"q": "a", "limit": "101"}, "limit must be"),
        ({"q": "a", "offset": "-1"}, "offset must be"),
        ({"q": "a", "since": "yesterday"}, "since must be"),
        ({"q": "a", "project": ["x"] * 11}, "project may be there"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    server: Serving, query: dict[str, Any], message: str
) -> None:
    with server.client(server.key()) as http:
        answer = http.get("/api/v1/search", params=query)
    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_strangers_find_nothing(server: Serving) -> None:
    with server.client() as http:
        assert http.get("/api/v1/search", params={"q": "a"}).status_code == 401


def test_it_is_advertised(server: Serving) -> None:
    with server.client() as http:
        assert http.get("/api/v1/capabilities").json()["search"] is True
