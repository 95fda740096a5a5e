"""What the Sessions and Session pages answer, to whom, and what they keep to themselves."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from confab_sync.store.links import NewLink
from confab_sync.store.schema import OWNER
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo, SideFile

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = {"Sec-Fetch-Site": "same-origin"}
ID = "7c1e5a90-3b1f-4f6e-9a51-0f2f6f1f9d10"
FILE = f"{ID}.jsonl"
GIF = "R0lGODlhAwAEAAAA"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as found:
        yield found


@contextmanager
def browser(server: Serving, email: str = "owner@localhost") -> Iterator[httpx.Client]:
    """Somebody who signed in; added to the users if need be."""
    with server.store() as store:
        users = {user.email: user.id for user in store.accounts.users()}
        user = users.get(email) or store.accounts.add_user(email).id
        store.accounts.add_link(user, f"link of {email}")
    with httpx.Client(base_url=server.url, headers=OWN, trust_env=False, timeout=30) as http:
        http.post("/auth/sign-in", data={"token": f"link of {email}"})
        yield http


def said(kind: str, content: object, second: int = 0, **more: object) -> bytes:
    moment = f"2026-03-01T12:00:{second:02}Z"
    message = {"role": kind, "content": content, **more}
    return json.dumps({"type": kind, "timestamp": moment, "message": message}).encode() + b"\n"


TALK = (
    said("user", "Why does the **parser** fail?"),
    said(
        "assistant",
        [{"type": "tool_use", "id": "c1", "name": "Bash", "input": {"command": "git commit"}}],
        1,
        usage={"input_tokens": 1500, "output_tokens": 9},
        model="claude-x",
    ),
    said(
        "user",
        [{"type": "tool_result", "tool_use_id": "c1", "content": "[main 4f2c9ab] Fix\n" * 900}],
        2,
    ),
    said(
        "user",
        [{"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": GIF}}],
    ),
    b"torn {\n",
)


def put(
    server: Serving,
    *rows: bytes,
    name: str = FILE,
    file_type: str = "transcript",
    external_id: str = ID,
    title: str = "Why does the parser fail?",
) -> str:
    """Store further lines of a session; its public id."""
    info = SessionInfo(
        "claude-code",
        external_id,
        f"/p/{name}",
        cwd="/home/ann/it's here",
        hostname="laptop",
        git_info={"repo_url": "git@github.com:acme/shop.git", "branch": "main"},
    )
    with server.store() as store:
        opened = store.open_session(info)
        before = opened.files.get(name)
        data = b"".join(rows)
        store.append(
            opened.session_id,
            Chunk(
                name,
                file_type,
                (before.lines if before else 0) + 1,
                len(rows),
                data,
                (before.source_bytes or 0 if before else 0) + len(data),
                open_end=not data.endswith(b"\n"),
                metadata=ChunkMetadata(first_user_message=title),
            ),
        )
        return opened.session_id


def part(session_id: str, name: str, **query: object) -> str:
    asked = "&".join(f"{key}={value}" for key, value in {"file": FILE, **query}.items())
    return f"/pages/sessions/{session_id}/{name}?{asked}"


def test_session_is_shown_with_what_it_delivered(server: Serving) -> None:
    session_id = put(server, *TALK)
    with server.store() as store:
        url = "https://github.com/acme/shop/pull/7"
        link = NewLink("pull_request", url, "acme", "shop", "7", "cli", "Parser")
        store.sessions_of(OWNER).put_link(session_id, link)
    with browser(server) as http:
        page = http.get(f"/sessions/{session_id}").text
    assert "<strong>parser</strong>" in page
    assert "https://github.com/acme/shop/commit/4f2c9ab" in page
    assert 'href="https://github.com/acme/shop/pull/7"' in page
    assert re.search('href="https://github.com/acme/shop"[^>]*>acme/shop<', page)
    assert f"claude --resume {ID}" in page
    assert "&#39;/home/ann/it&#39;&#34;&#39;&#34;&#39;s here&#39;" in page
    assert f"confab restore {ID}" in page
    assert "1.5k" in page
    assert "style=" not in page


def test_list_without_sessions_says_how_to_get_some(server: Serving) -> None:
    with browser(server) as http:
        assert f"confab setup --backend-url {server.url}" in http.get("/sessions").text
        assert "confab setup" not in http.get("/sessions?machine=x").text


def test_no_command_is_offered_for_an_id_that_no_shell_should_see(server: Serving) -> None:
    session_id = put(server, *TALK, name="odd.jsonl", external_id="$(reboot)")
    with browser(server) as http:
        page = http.get(f"/sessions/{session_id}").text
    assert "claude --resume" not in page
    assert "confab restore" not in page


PARTS = (
    "/sessions/{id}",
    "/sessions/{id}/delete",
    "/sessions/{id}/transcript.jsonl",
    "/sessions/{id}/conversation.md",
    "/pages/sessions/{id}/outline",
    "/pages/sessions/{id}/lines?from=1&to=3",
    "/pages/sessions/{id}/branch?agent=a1",
    "/pages/sessions/{id}/block?line=1&block=0&start=0",
    "/pages/sessions/{id}/picture?line=4&number=0",
    "/pages/sessions/{id}/raw?line=1",
    "/pages/sessions/{id}/find?q=parser",
)


@pytest.mark.parametrize("path", PARTS)
def test_nobody_sees_what_is_anothers(server: Serving, path: str) -> None:
    session_id = put(server, *TALK)
    put(server, said("user", "secret"), name="subagents/agent-a1.jsonl", file_type="agent")
    address = path.format(id=session_id)
    with browser(server) as http:
        assert http.get(address).status_code == 200
    with browser(server, "eve@example.org") as http:
        answer = http.get(address)
        assert answer.status_code == 404  # as if there was no such session
        assert "parser" not in answer.text
        assert http.get(path.format(id="0" * 8 + "-0000-4000-8000-" + "0" * 12)).status_code == 404
        assert "parser" not in http.get("/sessions").text
        assert "laptop" not in http.get("/sessions?q=parser").text
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        assert http.get(address).status_code == 401


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("lines", {"from": "x", "to": "2"}, 400),
        ("lines", {"from": "1", "to": "99999999999"}, 200),
        ("lines", {"from": "9", "to": "3"}, 200),
        ("block", {"line": "99", "block": "0", "start": "0"}, 404),
        ("block", {"line": "1", "block": "7", "start": "0"}, 200),
        ("block", {"line": "-1", "block": "0", "start": "0"}, 400),
        ("picture", {"line": "1", "number": "0"}, 404),
        ("raw", {"line": "0"}, 404),
        ("raw", {"line": "5"}, 200),
        ("lines", {"file": "other.jsonl", "from": "1", "to": "2"}, 404),
        ("lines", {"file": "../../etc/passwd", "from": "1", "to": "2"}, 404),
        ("find", {"q": "x" * 5000}, 200),
        ("find", {"q": "-"}, 200),
        ("branch", {"agent": "none"}, 404),
    ],
)
def test_odd_requests_have_plain_answers(
    server: Serving, name: str, query: dict[str, str], status: int
) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        assert http.get(part(session_id, name, **query)).status_code == status


def test_long_result_is_fetched_in_parts(server: Serving) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        assert "[main 4f2c9ab]" in http.get(part(session_id, "lines", **{"from": 2, "to": 3})).text
        rest = http.get(part(session_id, "block", line=3, block=0, start=17_000)).text
    whole = "[main 4f2c9ab] Fix\n" * 900
    assert rest == f"<pre>{whole[17_000:]}</pre>\n"


def test_picture_is_served_as_what_it_is(server: Serving) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        answer = http.get(part(session_id, "picture", line=4, number=0))
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_words_are_found_in_a_session(server: Serving) -> None:
    session_id = put(server, *TALK)
    put(server, said("user", "parser"), name="other.jsonl", external_id="other")
    with browser(server) as http:
        hits = http.get(part(session_id, "find", q="parser")).text
        listed = http.get("/sessions?q=parser").text
        assert "no session is like that" in http.get("/sessions?q=zebra").text.lower()
        assert "no word to look for" in http.get("/sessions?q=-").text
    assert hits.count("data-hit") == 1
    assert "<mark>parser</mark>" in hits
    assert listed.count("data-row") == 2
    assert "<mark>parser</mark>" in listed


def test_beginning_of_an_id_leads_to_its_session(server: Serving) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        for text in (ID[:8], session_id[:8]):
            assert session_id in http.get(f"/sessions?q={text}").text


def test_subagents_have_pages_and_branches(server: Serving) -> None:
    agent = "subagents/agent-a1.jsonl"
    session_id = put(server, *TALK)
    put(server, said("user", "Look at the lexer"), name=agent, file_type="agent")
    with server.store() as store:
        meta = b'{"agentType":"general-purpose","description":"Look at it"}'
        store.put_side_file(session_id, SideFile("subagents/agent-a1.meta.json", meta, 1))
        store.put_side_file(session_id, SideFile("subagents/agent-a2.meta.json", b"[[[", 1))
    with browser(server) as http:
        page = http.get(f"/sessions/{session_id}?agent=a1").text
        branch = http.get(part(session_id, "branch", agent="a1")).text
    assert "general-purpose: Look at it" in page
    assert "Look at the lexer" in page
    assert 'id="Aa1-1"' in branch


def test_session_of_which_only_a_subagent_has_come_is_shown(server: Serving) -> None:
    agent = "subagents/agent-a1.jsonl"
    session_id = put(server, said("user", "Too early"), name=agent, file_type="agent")
    with browser(server) as http:
        assert "Too early" in http.get(f"/sessions/{session_id}").text


def test_session_of_another_assistant_says_so(server: Serving) -> None:
    with server.store() as store:
        opened = store.open_session(SessionInfo("codex", "x", "/x.jsonl"))
        store.append(opened.session_id, Chunk("x.jsonl", "transcript", 1, 1, b"{}\n", 3))
    with browser(server) as http:
        page = http.get(f"/sessions/{opened.session_id}")
    assert page.status_code == 200
    assert "one of codex" in page.text


def test_session_is_downloaded_as_it_is_and_as_markdown(server: Serving) -> None:
    session_id = put(server, *TALK)
    called = json.dumps(
        {
            "type": "user",
            "toolUseResult": {"agentId": "a1"},
            "message": {"content": [{"type": "tool_result", "tool_use_id": "x", "content": "ok"}]},
        }
    )
    put(server, called.encode() + b"\n", said("user", "last words"))
    put(server, said("user", "in between"), name="subagents/agent-a1.jsonl", file_type="agent")
    with browser(server) as http:
        raw = http.get(f"/sessions/{session_id}/transcript.jsonl")
        text = http.get(f"/sessions/{session_id}/conversation.md")
    assert raw.content.startswith(b"".join(TALK))
    assert raw.headers["Content-Disposition"] == f'attachment; filename="{FILE}"'
    assert text.headers["Content-Disposition"] == f'attachment; filename="{ID}.md"'
    assert text.text.startswith("# Why does the parser fail?\n\n")
    parts = ("Why does the **parser** fail?", "### Subagent a1", "in between", "last words")
    places = [text.text.rindex(piece) for piece in parts]
    assert places == sorted(places)


def test_words_are_found_however_the_id_is_spelled(server: Serving) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        found = http.get(f"/pages/sessions/{session_id.upper()}/find?q=parser&file={FILE}")
    assert "<mark>parser</mark>" in found.text


ABSURD: tuple[tuple[bytes, ...], ...] = (
    (
        said("user", "x"),
        said("assistant", "y", usage={"input_tokens": 10**400, "output_tokens": 10**400}),
    ),
    (
        json.dumps(
            {
                "type": "user",
                "timestamp": "9999-12-31T23:59:59-14:00",
                "message": {"role": "user", "content": "half of a pair \ud83d"},
            }
        ).encode()
        + b"\n",
    ),
    (b'{"type":"user","message":{"role":"user","content":' + b"[" * 90_000 + b"\n",),
)


@pytest.mark.parametrize("rows", ABSURD)
def test_no_line_makes_a_page_fail(server: Serving, rows: tuple[bytes, ...]) -> None:
    session_id = put(server, *rows)
    one = f"/sessions/{session_id}"
    with browser(server) as http:
        for address in ("/", "/sessions", "/usage", one, f"{one}/conversation.md"):
            assert http.get(address).status_code == 200


def test_half_a_surrogate_pair_does_not_end_the_search_for_everybody(server: Serving) -> None:
    session_id = put(server, said("user", "half of a pair \ud83d"), *TALK)
    with browser(server) as http:
        for word in ("half", "parser"):
            found = http.get(f"/pages/sessions/{session_id}/find?q={word}&file={FILE}").text
            assert f"<mark>{word}</mark>" in found


def test_pull_request_of_an_unsafe_address_is_no_link(server: Serving) -> None:
    told = {"type": "pr-link", "prUrl": "javascript:alert(1)", "prNumber": "12"}
    session_id = put(server, *TALK, json.dumps(told).encode() + b"\n")
    with browser(server) as http:
        page = http.get(f"/sessions/{session_id}").text
    assert "#12" in page
    assert "/commit/#12" not in page
    assert "javascript:" not in page


def test_session_is_deleted_by_a_page_of_ours_only(server: Serving) -> None:
    session_id = put(server, *TALK)
    place = f"/sessions/{session_id}/delete"
    with browser(server, "eve@example.org") as eve:
        assert eve.post(place).status_code == 404
    with browser(server) as http:
        assert "Delete for good" in http.get(place).text
        foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        assert http.post(place, headers=foreign).status_code == 403
        assert http.get(f"/sessions/{session_id}").status_code == 200
        answer = http.post(place)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sessions?deleted=1")
        assert "was deleted" in http.get("/sessions?deleted=1").text
        assert http.get(f"/sessions/{session_id}").status_code == 404
        assert http.post(place).status_code == 404


def test_who_may_only_read_deletes_nothing(server: Serving) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        with server.store() as store:
            store.accounts.set_state("owner@localhost", "read_only")
        assert "may only read" in http.get(f"/sessions/{session_id}/delete").text
        assert http.post(f"/sessions/{session_id}/delete").status_code == 403
        assert http.get(f"/sessions/{session_id}").status_code == 200


def events(answer: httpx.Response) -> Iterator[dict[str, object]]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_new_lines_are_sent_as_they_are_stored(server: Serving) -> None:
    session_id = put(server, *TALK)
    address = part(session_id, "follow", after=len(TALK), generation=1)
    with browser(server) as http, http.stream("GET", address) as answer:
        news = events(answer)
        assert next(news)["lines"] == len(TALK)
        put(server, said("user", "And **now**?"))
        told = next(news)
        assert (told["from"], told["lines"]) == (len(TALK) + 1, len(TALK) + 1)
        assert "<strong>now</strong>" in str(told["html"])
        put(server, *[said("user", "more")] * 300)
        told = next(news)
        assert (told["lines"], told["html"]) == (len(TALK) + 301, "")
        with server.store() as store:
            store.restart_file(session_id, FILE)
        assert next(news)["restart"] is True


def test_deletion_is_told_to_who_looks(server: Serving) -> None:
    session_id = put(server, *TALK)
    address = part(session_id, "follow", after=len(TALK), generation=1)
    with browser(server) as http, http.stream("GET", address) as answer:
        news = events(answer)
        next(news)
        with server.store() as store:
            store.delete_session(session_id)
        assert next(news)["gone"] is True


def test_outline_grows_with_the_transcript(server: Serving) -> None:
    session_id = put(server, *TALK)
    with browser(server) as http:
        before = http.get(part(session_id, "outline")).text
        put(server, said("user", "A further turn", 9), b'{"type":"user","message"')
        after = http.get(part(session_id, "outline")).text
    assert "A further turn" not in before
    assert "A further turn" in after


def test_page_of_a_large_transcript_comes_without_its_outline(server: Serving) -> None:
    filler = said("user", [{"type": "tool_result", "tool_use_id": "x", "content": "y" * 99_000}])
    session_id = put(server, *TALK, *[filler] * 30)
    with browser(server) as http:
        page = http.get(f"/sessions/{session_id}?line=33")
        assert "data-outline-place" in page.text
        assert 'class="timeline"' not in page.text
        assert 'id="L33"' in page.text
        assert 'id="L1"' not in page.text
        assert len(page.content) < 200_000
        assert 'class="timeline"' in http.get(part(session_id, "outline")).text
        assert 'class="timeline"' in http.get(f"/sessions/{session_id}").text


def test_address_of_the_list_is_its_state(server: Serving) -> None:
    put(server, *TALK)
    put(server, *TALK, name="b.jsonl", external_id="b", title="<b>Other</b> \u202e")
    with browser(server) as http:
        page = http.get("/sessions?machine=laptop&order=bytes&state=quiet").text
        assert page.count("data-row") == 0
        page = http.get("/sessions?machine=laptop&order=bytes&until=2031-01-01").text
        assert page.count("data-row") == 2
        assert 'aria-sort="descending"' in page
        assert 'value="2031-01-01"' in page
        assert "&lt;b&gt;Other&lt;/b&gt; ⟦U+202E⟧" in page
        assert http.get("/sessions?machine=nowhere&page=7").text.count("data-row") == 0
