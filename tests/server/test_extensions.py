"""What `confab serve` has beyond confab-web: side files, live fields, list and delete by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zstandard

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RAW = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as found:
        yield found


def session(http: httpx.Client, external_id: str = "e", **headers: str) -> str:
    body = {"external_id": external_id, "transcript_path": "/t"}
    answer = http.post("/api/v1/sync/init", json=body, headers=headers)
    return str(answer.json()["session_id"])


def chunk(http: httpx.Client, session_id: str, line: int = 1, **fields: Any) -> httpx.Response:
    headers = fields.pop("headers", {})
    body = {
        "session_id": session_id,
        "file_name": "s.jsonl",
        "file_type": "transcript",
        "first_line": line,
        "lines": ["a"],
        "metadata": {"summary": "S"},
        **fields,
    }
    return http.post("/api/v1/sync/chunk", json=body, headers=headers)


def side_file(http: httpx.Client, session_id: str, data: bytes, /, **query: Any) -> httpx.Response:
    headers = RAW | query.pop("headers", {})
    parameters = {"session_id": session_id, "name": "tool-results/a.txt", "mtime_ns": "5"}
    parameters |= query
    return http.post("/api/v1/sync/side-file", params=parameters, content=data, headers=headers)


def test_side_file_is_kept_whole_and_replaced(server: Serving) -> None:
    with server.client(server.key()) as http:
        session_id = session(http)
        assert side_file(http, session_id, b"one\0\xff").json() == {"success": True}
        packed = zstandard.compress(b"two")
        headers = {"Content-Encoding": "zstd"}
        assert side_file(http, session_id, packed, headers=headers).status_code == 200
        assert side_file(http, session_id, b"two").status_code == 200
        with server.store() as store:
            assert store.read_side_file(session_id, "tool-results/a.txt") == b"two"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"name": "../a"}, 400),
        ({"name": "/a"}, 400),
        ({"name": ""}, 400),
        ({"name": "x" * 513}, 400),
        ({"mtime_ns": "-1"}, 400),
        ({"mtime_ns": "x"}, 400),
        ({"mtime_ns": "9" * 19}, 200),
        ({"session_id": ""}, 400),
        ({"session_id": "nonsense"}, 404),
        ({"headers": {"Content-Type": "application/json"}}, 415),
        ({"headers": {"Content-Encoding": "gzip"}}, 415),
        ({"headers": {"Content-Encoding": "zstd"}}, 400),
    ],
)
def test_side_file_that_cannot_be_kept_is_refused(
    server: Serving, query: dict[str, Any], status: int
) -> None:
    with server.client(server.key()) as http:
        assert side_file(http, session(http), b"x", **query).status_code == status


def test_side_file_of_anothers_session_is_denied(server: Serving) -> None:
    with server.client(server.key()) as http, server.client(server.key("b@c.d")) as other:
        session_id = session(http)
        answer = side_file(other, session_id, b"x")
        assert (answer.status_code, answer.json()) == (403, {"error": "Access denied"})


def test_live_fields_are_shown_where_the_session_is(server: Serving) -> None:
    said = '{"phase":"syncing","lag_seconds":1.5,"other":1,"behind_bytes":"x"}'
    with server.client(server.key()) as http:
        session_id = session(http, **{"Confab-Live": '{"phase":"starting"}'})
        detail = http.get(f"/api/v1/sessions/{session_id}").json()
        assert detail["live"] == {"phase": "starting"}
        chunk(http, session_id, headers={"Confab-Live": said})
        chunk(http, session_id, 2, headers={"Confab-Live": "junk"})
        (item,) = http.get("/api/v1/sessions").json()["sessions"]
        assert item["live"] == {"phase": "syncing", "lag_seconds": 1.5}
        assert item["live_at"].endswith("Z")


def test_list_comes_in_pages_of_50_newest_first(server: Serving) -> None:
    with server.client(server.key()) as http:
        for number in range(60):
            session_id = session(http, f"e{number}")
            moment = f"2026-01-01T00:00:{number:02}Z"
            metadata = {"summary": f"S{number}", "latest_message_at": moment}
            chunk(http, session_id, metadata=metadata)
        server.clock.advance(10)
        first = http.get("/api/v1/sessions").json()
        second = http.get("/api/v1/sessions", params={"cursor": first["next_cursor"]}).json()
    assert (first["has_more"], first["page_size"], second["has_more"]) == (True, 50, False)
    assert "next_cursor" not in second
    names = [item["external_id"] for item in first["sessions"] + second["sessions"]]
    assert names == [f"e{number}" for number in reversed(range(60))]


def test_list_is_narrowed_by_filters(server: Serving) -> None:
    with server.client(server.key()) as http:
        git = {"repo_url": "https://github.com/acme/app.git", "branch": "main"}
        one = session(http, "one")
        chunk(http, one, metadata={"summary": "Fix the Parser", "git_info": git})
        link = {"url": "https://github.com/acme/app/pull/7", "source": "manual"}
        http.post(f"/api/v1/sessions/{one}/github-links", json=link)
        chunk(http, session(http, "two"), metadata={"first_user_message": "hello"})

        def found(**query: str) -> list[str]:
            listed = http.get("/api/v1/sessions", params=query).json()["sessions"]
            return [item["external_id"] for item in listed]

        assert found(repo="acme/app") == found(branch="x,main") == found(pr="7") == ["one"]
        assert found(q="PARSER") == ["one"]
        assert found(q="hell") == ["two"]
        assert sorted(found(provider="claude-code", owner="owner@localhost")) == ["one", "two"]
        assert found(provider="codex") == found(owner="x@y.z") == found(repo="app") == []
        (item,) = http.get("/api/v1/sessions", params={"pr": "7"}).json()["sessions"]
        assert (item["git_repo"], item["git_branch"]) == ("acme/app", "main")
        assert item["github_prs"] == ["7"]
        options = http.get("/api/v1/sessions").json()["filter_options"]
        assert options["repos"] == ["acme/app"]
        assert options["branches"] == ["main"]


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 1025},
        {"repo": ",".join(["x"] * 51)},
        {"branch": "x" * 513},
        {"cursor": "!"},
        {"cursor": "bm90IGEgdGltZQ=="},
    ],
)
def test_absurd_lists_are_refused(server: Serving, query: dict[str, str]) -> None:
    with server.client(server.key()) as http:
        assert http.get("/api/v1/sessions", params=query).status_code == 400


def test_each_sees_only_what_is_theirs(server: Serving) -> None:
    with server.client(server.key()) as http, server.client(server.key("b@c.d")) as other:
        session_id = session(http)
        chunk(http, session_id)
        assert other.get("/api/v1/sessions").json()["sessions"] == []
        for path in ("", "/files", "/github-links", "/condensed-transcript"):
            answer = other.get(f"/api/v1/sessions/{session_id}{path}")
            assert (answer.status_code, answer.json()) == (404, {"error": "Session not found"})
        answer = other.get("/api/v1/sessions/by-external-id/e")
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{"external_id": "a\0"}, {"metadata": {"cwd": "\0"}}, {"metadata": {"git_info": ["\0"]}}],
)
def test_session_with_a_nul_is_refused_not_failed_on(
    server: Serving, fields: dict[str, Any]
) -> None:
    with server.client(server.key()) as http:
        body = {"external_id": "e", "transcript_path": "/t", **fields}
        assert http.post("/api/v1/sync/init", json=body).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": ["a\nb"]},
        {"file_name": "a\0"},
        {"file_name": "../a"},
        {"file_name": "/a"},
        {"file_type": "a\0"},
        {"file_type": "x" * 51},
        {"metadata": {"summary": "\0"}},
        {"metadata": {"first_user_message": "\0"}},
    ],
)
def test_chunk_that_nobody_could_read_is_refused_whole(
    server: Serving, fields: dict[str, Any]
) -> None:
    with server.client(server.key()) as http:
        session_id = session(http)
        assert chunk(http, session_id, **fields).status_code == 400
        assert http.get(f"/api/v1/sessions/{session_id}/files").json() == {"files": []}


def test_blank_init_keeps_the_working_directory(server: Serving) -> None:
    with server.client(server.key()) as http:
        body = {"external_id": "e", "transcript_path": "/t", "metadata": {"cwd": "/home"}}
        session_id = http.post("/api/v1/sync/init", json=body).json()["session_id"]
        session(http)
        assert http.get(f"/api/v1/sessions/{session_id}").json()["cwd"] == "/home"


def test_large_file_comes_back_whole_and_from_any_line(server: Serving) -> None:
    lines = [f"{number} " + "x" * 2000 for number in range(3000)]
    with server.client(server.key()) as http:
        session_id = session(http)
        chunk(http, session_id, lines=lines)
        server.clock.advance(60)
        path = f"/api/v1/sessions/{session_id}"
        whole = http.get(f"{path}/files/download", params={"file_name": "s.jsonl"})
        assert whole.text.split("\n") == [*lines, ""]
        assert int(whole.headers["Content-Length"]) == len(whole.content)
        for offset in (1, 511, 512, 1500, 2999, 3000):
            query = {"file_name": "s.jsonl", "line_offset": str(offset)}
            rest = http.get(f"{path}/sync/file", params=query)
            assert rest.text == "".join(line + "\n" for line in lines[offset:])


def test_condensed_transcript_names_its_session(server: Serving) -> None:
    with server.client(server.key()) as http:
        session_id = session(http)
        path = f"/api/v1/sessions/{session_id}/condensed-transcript"
        answer = http.get(path)
        assert answer.json() == {"error": "No transcript available for this session"}
        chunk(http, session_id)
        chunk(http, session_id, file_name="agent-1.jsonl", file_type="agent")
        chunk(http, session_id, file_name="w", file_type="workflow_journal")
        said = http.get(path).json()
        assert said["transcript"] == "<transcript>\n</transcript>"
        assert said["metadata"]["title"] == "S"
        assert said["metadata"]["total_lines"] == 2
        for wrong in ("0", "-1", "x", "1.5"):
            answer = http.get(path, params={"max_chars": wrong})
            assert answer.json() == {"error": "max_chars must be a positive integer"}


def test_side_files_are_listed_and_given_back(server: Serving) -> None:
    with server.client(server.key()) as http:
        session_id = session(http)
        below = f"/api/v1/sessions/{session_id}/side-files"
        assert http.get(below).json() == {"side_files": []}
        side_file(http, session_id, b"\0\xff\r\n")
        (listed,) = http.get(below).json()["side_files"]
        assert (listed["name"], listed["bytes"]) == ("tool-results/a.txt", 4)
        answer = http.get(below + "/download", params={"name": "tool-results/a.txt"})
        assert (answer.content, answer.headers["Content-Type"]) == (
            b"\0\xff\r\n",
            "application/octet-stream",
        )
        missing = http.get(below + "/download", params={"name": "b"})
        assert (missing.status_code, missing.json()) == (404, {"error": "File not found"})
        assert http.get(below + "/download").status_code == 400


@pytest.mark.parametrize("route", ["side-files", "side-files/download?name=tool-results/a.txt"])
def test_side_files_of_another_are_not_there(server: Serving, route: str) -> None:
    with server.client(server.key()) as http, server.client(server.key("b@c.d")) as other:
        session_id = session(http)
        side_file(http, session_id, b"x")
        answer = other.get(f"/api/v1/sessions/{session_id}/{route}")
        assert (answer.status_code, answer.json()) == (404, {"error": "Session not found"})
        with server.client() as nobody:
            assert nobody.get(f"/api/v1/sessions/{session_id}/{route}").status_code == 401
