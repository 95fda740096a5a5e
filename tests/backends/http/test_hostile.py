"""Whatever a server answers, the client says so in one harmless line and stays in its bounds."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from confab_sync.backends.http import account
from confab_sync.backends.http.address import Address
from confab_sync.backends.http.answers import MOST_LINES
from confab_sync.backends.http.client import LARGEST_ANSWER, Client
from confab_sync.backends.http.connection import http_backend
from confab_sync.backends.http.deletion import delete_session
from confab_sync.backends.http.downloads import Downloads
from confab_sync.backends.http.transport import DeadlineTransport
from confab_sync.errors import BackendError, BackendUnavailable, ConfabError
from confab_sync.store.export import export
from confab_sync.store.values import SideFile
from tests.backends.http.api import KEY, Clock
from tests.backends.http.values import SESSION, chunk, info

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from confab_sync.backends.http.backend import HttpBackend


class Liar:
    """A server that answers every request with `said` and hangs up."""

    def __init__(self) -> None:
        self.said = b""
        self.asked: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self.asked.append(_request(connection))
                    connection.sendall(self.said)
                except OSError:
                    continue


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head


@contextmanager
def lying() -> Iterator[Liar]:
    with closing(Liar()) as liar:
        yield liar


@contextmanager
def backend(liar: Liar) -> Iterator[HttpBackend]:
    clock = Clock()
    there = http_backend(
        liar.url,
        KEY,
        backoff="/dev/null/nowhere",
        environ={},
        transport=lambda: DeadlineTransport(Address(liar.url, None), {}),
        clock=clock,
        pause=clock.pause,
        rng=random.Random(0),
    )
    with closing(there):
        yield there


@contextmanager
def client(liar: Liar) -> Iterator[Client]:
    where = Address(liar.url, None)
    with closing(Client(where, KEY, lambda: DeadlineTransport(where, {}))) as there:
        yield there


def downloads(there: Client) -> Downloads:
    return Downloads(there, "s", SESSION, pause=lambda _: None)


def reply(body: bytes, status: str = "200 OK", kind: str = "application/json", *more: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@contextmanager
def use(liar: Liar, out: str) -> Iterator[list[Callable[[], object]]]:
    """Everything that is ever asked of a server."""
    code = account.DeviceCode("A", "http://x", 1.0, 30.0, "d")
    clock = Clock()
    with backend(liar) as there, client(liar) as single:
        source = downloads(single)
        yield [
            lambda: there.open_session(info()),
            lambda: there.append("s", chunk(b"one\ntwo\n")),
            lambda: there.put_side_file("s", SideFile("a", b"x", 1)),
            lambda: there.takes("workflow_journal", "subagents/workflows/wf/journal.jsonl"),
            lambda: there.end_session("s", datetime.now(UTC), {"reason": "exit"}),
            lambda: there.summarize("claude-code", "x", "title"),
            source.files,
            source.side_files,
            lambda: export(source, out),
            lambda: delete_session(single, "s"),
            lambda: account.account_of(single),
            lambda: assert_bearable(account.request_code(single, "box")),
            lambda: account.wait_for_key(single, code, clock=clock, pause=clock.pause),
        ]


def assert_bearable(code: account.DeviceCode) -> None:
    assert_harmless(code.user_code[:900] + code.link[:90])
    assert 5 <= code.interval <= 60
    assert 0 <= code.expires_in <= 3600


def assert_harmless(text: str) -> None:
    assert text.isprintable(), repr(text)
    assert len(text) < 1000


HOSTILE_TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "../../x", "/etc/passwd", "a\0b", "\x1b[2J\x1b]0;x\x07", "\u202e", "\ud800", "x" * 5000,
            "a\nb", "", ".", "..", "~", "C:\\x", "agent-abc.jsonl", f"{SESSION}.jsonl",
            "claude-code",
            "transcript", "agent", "Session not found", "first_line must be 7 (got 1)\x1b[31m",
            "http://x/\x1b", "authorization_pending", "cfb_" + "x" * 40, "cfb_" + "x" * 100_000,
        ]
    ),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.sampled_from([-1, 2**53, 2**63, 2**64, 10**400, 1e308, float("inf"), float("nan")]),
)
KEYS = st.sampled_from(
    [
        "session_id", "provider", "files", "last_synced_line", "error", "valid", "email", "name",
        "device_code", "user_code", "verification_uri", "interval", "expires_in", "access_token",
        "file_name", "file_type", "updated_at", "side_files", "bytes", "success", "workflow_files",
        "delete_with_key", "message",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), NUMBERS, HOSTILE_TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(KEYS, HOSTILE_TEXTS), inner, max_size=5),
    ),
    max_leaves=12,
)
COUNTS = st.one_of(st.integers(0, 10), st.sampled_from([2**53 + 1, 2**63, 10**400]), NUMBERS)
FINE_TEXTS = st.one_of(st.just("ABCD-2345"), HOSTILE_TEXTS)
OPENED = st.fixed_dictionaries(
    {
        "session_id": HOSTILE_TEXTS,
        "files": st.dictionaries(
            HOSTILE_TEXTS, st.fixed_dictionaries({"last_synced_line": COUNTS}), max_size=2
        ),
    }
)
LISTED = st.fixed_dictionaries(
    {
        name: st.lists(
            st.fixed_dictionaries(
                {
                    "file_name": HOSTILE_TEXTS,
                    "name": HOSTILE_TEXTS,
                    "file_type": HOSTILE_TEXTS,
                    "last_synced_line": COUNTS,
                    "bytes": COUNTS,
                }
            ),
            max_size=4,
        )
        for name in ("files", "side_files")
    }
)
CODES = st.fixed_dictionaries(
    {
        "device_code": FINE_TEXTS,
        "user_code": FINE_TEXTS,
        "verification_uri": st.one_of(
            st.sampled_from(["https://a.b/c", "http://[::1", "http://x/\x1b", "javascript:x"]),
            HOSTILE_TEXTS,
        ),
        "interval": NUMBERS,
        "expires_in": NUMBERS,
        "access_token": HOSTILE_TEXTS,
    }
)
BODIES = st.one_of(
    st.one_of(VALUES, OPENED, LISTED, CODES).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=100),
    st.sampled_from([b"[" * 200_000, b'{"a":' * 50_000, b"1" * 10_000, b"\xff\xfe{\0}\0"]),
)
STATUSES = st.sampled_from(
    ["200 OK", "200 \x1b[31m", "201 x", "204 x", "301 x", "307 x", "400 x", "401 x", "403 x",
     "404 x", "409 x", "413 x", "415 x", "429 x", "500 x", "503 x", "999 x", "000 x", "101 x", "ok"]
)  # fmt: skip
KINDS = st.sampled_from(["application/json", "text/plain", "application/octet-stream", "\x1b[1m/x"])
HEADERS = st.lists(
    st.sampled_from(
        [
            "Retry-After: 99999999", "Retry-After: -1", "Retry-After: 1e9",
            "Content-Encoding: gzip",
            "Location: http://evil.example\x1b[31m/", "Location: http://[::1/",
            "Location: //x:99999/",
            "Location: javascript:alert(1)", "Content-Encoding: zstd", "Set-Cookie: a=b",
            "Transfer-Encoding: chunked", "X: " + "y" * 50_000, "Content-Length: 5", "\x7f: x",
        ]
    ),
    max_size=3,
)  # fmt: skip
ERRORS = st.builds(
    lambda text, status, header: reply(
        json.dumps({"error": text}).encode(), status, "application/json", *header
    ),
    HOSTILE_TEXTS,
    st.sampled_from(["400 x", "403 x", "404 x", "409 x", "500 x", "307 x"]),
    HEADERS,
)
ANSWERS = st.one_of(
    ERRORS,
    OPENED.map(lambda said: reply(json.dumps(said).encode())),
    LISTED.map(lambda said: reply(json.dumps(said).encode())),
    CODES.map(lambda said: reply(json.dumps(said).encode())),
    st.builds(lambda b, s, k, h: reply(b, s, k, *h), BODIES, STATUSES, KINDS, HEADERS),
    BODIES.map(reply),
    st.binary(max_size=200),
)


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    with lying() as found:
        yield found


FORGED = b'{"error":"first_line must be 7 (got 1)\\n2026 forged=line \\u001b[31m"}'


@settings(max_examples=150, deadline=None)
@given(said=ANSWERS)
@example(said=reply(FORGED, "400 x"))
@example(said=reply(b"", "307 x", "text/plain", "Location: //x:99999/"))
@example(said=reply(b"", "307 x", "text/plain", "Location: http://[::1/"))
@example(said=reply(b"", "307 x", "text/plain", "Location: http://evil.example\x1b[31m/"))
def test_no_answer_breaks_the_client_or_shows_through_it(
    liar: Liar, said: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    target = outside / "target"
    liar.said = said
    with use(liar, str(target)) as everything:
        for ask in everything:
            try:
                ask()
            except ConfabError as error:
                assert_harmless(str(error))
    assert set(os.listdir(outside)) <= {"target"}


@settings(max_examples=150, deadline=None)
@given(said=st.one_of(OPENED, VALUES))
def test_what_init_says_is_believed_only_within_bounds(liar: Liar, said: Any) -> None:
    liar.said = reply(json.dumps(said).encode())
    with backend(liar) as there:
        try:
            opened = there.open_session(info())
        except BackendError:
            return
    assert opened.session_id.isascii()
    assert opened.session_id.isprintable()
    assert len(opened.session_id) <= 200
    for name, position in opened.files.items():
        name.encode()
        assert 0 <= position.lines <= MOST_LINES


@settings(max_examples=150, deadline=None)
@given(said=LISTED)
def test_nothing_is_written_outside_the_target_directory(
    liar: Liar, said: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("mine")
    liar.said = reply(json.dumps(said).encode())
    with client(liar) as there:
        try:
            export(downloads(there), str(outside / "target"))
        except ConfabError as error:
            assert_harmless(str(error))
    assert set(os.listdir(outside)) <= {"secret", "target"}
    assert (outside / "secret").read_text() == "mine"


@pytest.mark.parametrize(
    "said",
    [
        reply(b"x" * (LARGEST_ANSWER + 1)),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"10000\r\n" + b"x" * 65536 + b"\r\n" * (LARGEST_ANSWER // 65536 + 2),
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * 10_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1_000_000 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n\x1f",
    ],
    ids=["too long", "chunks without end", "long header", "many headers", "100s", "packed"],
)  # fmt: skip
def test_floods_end_the_request(liar: Liar, said: bytes) -> None:
    liar.said = said
    with backend(liar) as there, pytest.raises(BackendUnavailable) as refused:
        there.open_session(info())
    assert_harmless(str(refused.value))


def test_redirect_is_not_followed_and_the_key_goes_nowhere_else(liar: Liar) -> None:
    with lying() as other:
        liar.said = reply(b"{}", "307 x", "application/json", f"Location: {other.url}/")
        with use(liar, "/nowhere") as everything:
            for ask in everything:
                with pytest.raises(BackendError):
                    ask()
        assert other.asked == []


def test_a_hundred_thousand_names_cost_one_look_each(liar: Liar, tmp_path: Path) -> None:
    files = {f"n{number}": {"last_synced_line": 1} for number in range(100_000)}
    liar.said = reply(json.dumps({"session_id": "s", "files": files}).encode())
    with backend(liar) as there:
        assert len(there.open_session(info()).files) == 100_000
    same = [
        {"file_name": f"{below}agent-{number}.jsonl", "file_type": "agent", "last_synced_line": 0}
        for number in range(20_000)
        for below in ("", "subagents/")
    ]
    liar.said = reply(json.dumps({"files": same, "side_files": []}).encode())
    with client(liar) as single, pytest.raises(ConfabError, match="would both become"):
        export(downloads(single), str(tmp_path))
