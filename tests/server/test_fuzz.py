"""Whatever is sent, the server never fails: it answers, or refuses with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confab_sync.server.rates import Buckets, Rates

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = [
    "external_id",
    "transcript_path",
    "provider",
    "metadata",
    "cwd",
    "hostname",
    "username",
    "git_info",
    "session_id",
    "file_name",
    "file_type",
    "first_line",
    "lines",
    "summary",
    "first_user_message",
    "latest_message_at",
    "created_at",
    "codex_rollout",
    "thread_uuid",
    "rollout_path",
    "model",
    "event_type",
    "timestamp",
    "payload",
    "url",
    "source",
    "title",
    "link_type",
    "remotes",
    "name",
    "fetch_url",
    "push_url",
    "tracking_remote",
    "key_name",
    "device_code",
    "External_ID",
]
TEXTS = [
    "claude-code",
    "codex",
    "transcript",
    "agent",
    "todo",
    "session_end",
    "s.jsonl",
    "../x",
    "/abs",
    "a//b",
    "cli_hook",
    "2026-02-03T09:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "https://github.com/a/b/pull/1",
    "\x00",
    "�",
    "😀",
    "{session}",
]
text = st.one_of(
    st.sampled_from(TEXTS), st.text(max_size=20), st.builds("x".__mul__, st.integers(0, 9000))
)
number = st.one_of(st.integers(-3, 3), st.integers(), st.floats(allow_nan=False), st.just(10**400))
leaf = st.one_of(st.none(), st.booleans(), number, text)
value = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), inner, max_size=5),
    ),
    max_leaves=25,
)
body = st.dictionaries(st.sampled_from(NAMES), value, max_size=10)
POSTS = (
    "/api/v1/sync/init",
    "/api/v1/sync/chunk",
    "/api/v1/sync/event",
    "/api/v1/sessions/{session}/github-links",
    "/auth/device/code",
    "/auth/device/token",
)
QUERIES = (
    "/api/v1/sessions",
    "/api/v1/sessions/{session}/files/download",
    "/api/v1/sessions/{session}/sync/file",
    "/api/v1/sessions/{session}/condensed-transcript",
    "/api/v1/sessions/{session}/side-files",
    "/api/v1/sessions/{session}/side-files/download",
    "/auth/device",
    "/auth/sign-in",
)
PARAMETERS = [
    "file_name",
    "line_offset",
    "max_chars",
    "q",
    "cursor",
    "repo",
    "branch",
    "owner",
    "pr",
    "provider",
    "code",
    "token",
    "name",
]


def unlimited(monotonic: Callable[[], float]) -> Rates:
    bucket = Buckets(1e9, 10**9, monotonic)
    return Rates(bucket, bucket, bucket, bucket, bucket)


class Fuzzed:
    """A server with one session, and a client that may ask as often as it likes."""

    def __init__(self, server: Serving) -> None:
        self.http = server.client(server.key())
        opened = self.send("/api/v1/sync/init", {"external_id": "e", "transcript_path": "/t"})
        self.session = opened.json()["session_id"]

    def send(self, path: str, body: object, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(
            path, content=content, headers={"Content-Type": "application/json", **headers}
        )


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    with serving(tmp_path_factory.mktemp("server"), rates=unlimited) as server:
        found = Fuzzed(server)
        yield found
        found.http.close()


def with_session(value: Any, session: str) -> Any:
    """`value` with the real session's id where it says `{session}`."""
    if isinstance(value, str):
        return value.replace("{session}", session)
    if isinstance(value, list):
        return [with_session(item, session) for item in value]
    if isinstance(value, dict):
        return {key: with_session(item, session) for key, item in value.items()}
    return value


FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(st.sampled_from(POSTS), body)
def test_no_object_makes_the_server_fail(fuzzed: Fuzzed, path: str, body: dict[str, Any]) -> None:
    sent = with_session(body, fuzzed.session)
    answer = fuzzed.send(path.replace("{session}", fuzzed.session), sent)
    assert answer.status_code < 500, (answer.text, sent)


@FUZZ
@given(body)
def test_no_chunk_makes_the_server_fail(fuzzed: Fuzzed, body: dict[str, Any]) -> None:
    good = {"session_id": fuzzed.session, "file_name": "f", "file_type": "transcript"}
    sent = {**good, "first_line": 1, "lines": ["a"], **with_session(body, fuzzed.session)}
    answer = fuzzed.send("/api/v1/sync/chunk", sent)
    assert answer.status_code < 500, (answer.text, sent)


@FUZZ
@given(st.sampled_from(POSTS), st.binary(max_size=200), st.booleans())
def test_no_bytes_make_the_server_fail(
    fuzzed: Fuzzed, path: str, data: bytes, compressed: bool
) -> None:
    path = path.replace("{session}", fuzzed.session)
    data = zstandard.compress(data) if compressed else data
    headers = {"Content-Encoding": "zstd"} if compressed or not data else {}
    assert fuzzed.send(path, data, **headers).status_code < 500


@FUZZ
@given(
    st.sampled_from(QUERIES),
    st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=30), max_size=4),
)
def test_no_query_makes_the_server_fail(
    fuzzed: Fuzzed, path: str, parameters: dict[str, str]
) -> None:
    printable = {name: value.encode("utf-8", "replace") for name, value in parameters.items()}
    answer = fuzzed.http.get(path.replace("{session}", fuzzed.session), params=printable)
    assert answer.status_code < 500, answer.text


@FUZZ
@given(st.text(min_size=1, max_size=30))
def test_no_id_makes_the_server_fail(fuzzed: Fuzzed, session_id: str) -> None:
    escaped = quote(session_id.encode("utf-8", "surrogatepass"), safe="")
    one = f"/api/v1/sessions/{escaped}"
    for path in (one, f"{one}/side-files", f"/api/v1/sessions/by-external-id/{escaped}"):
        assert fuzzed.http.get(path).status_code < 500
    path = f"/api/v1/sessions/{escaped}/summary"
    answer = fuzzed.http.patch(path, content=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status_code < 500


@FUZZ
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=100))
def test_no_header_makes_the_server_fail(fuzzed: Fuzzed, value: str) -> None:
    for name in ("Confab-Live", "Cookie", "Content-Encoding", "Authorization", "Origin"):
        answer = fuzzed.send("/api/v1/sync/init", {}, **{name: value.strip()})
        assert answer.status_code < 500, (name, answer.text)
