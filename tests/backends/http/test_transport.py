"""What happens on a real connection: deadlines, drips, half answers, resets, keep-alive."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import httpcore
import pytest

from confab_sync.backends.http import client
from confab_sync.backends.http.address import Address
from confab_sync.backends.http.backend import HttpBackend
from confab_sync.backends.http.connection import http_backend
from confab_sync.backends.http.network import Deadline, DeadlineNetwork
from confab_sync.backends.http.transport import DeadlineTransport
from confab_sync.errors import BackendUnavailable
from tests.backends.http.api import KEY, Api, Clock
from tests.backends.http.socket_server import Handler, Server, serving
from tests.backends.http.values import MAIN, chunk, info


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Api()) as running:
        yield running


@pytest.fixture
def short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests must be over after a moment."""
    monkeypatch.setattr(client, "SECONDS", 0.3)
    monkeypatch.setattr(client, "UPLOAD_SECONDS", 0.3)


def connected(server: Server, home: Path, url: str = "") -> HttpBackend:
    """A backend with the real transport."""
    url = url or server.url
    clock = Clock()
    return http_backend(
        url,
        KEY,
        backoff=str(home),
        environ={},
        transport=lambda: DeadlineTransport(Address(url, None), {}),
        clock=clock,
        pause=clock.pause,
        rng=random.Random(0),
    )


def test_one_connection_serves_many_requests(server: Server, tmp_path: Path) -> None:
    there = connected(server, tmp_path)
    session_id = there.open_session(info()).session_id
    for number in range(1, 6):
        there.append(session_id, chunk(b"line\n", number))
    assert (server.connections, len(server.api.lines(MAIN))) == (1, 5)
    there.close()


def test_connection_that_was_dropped_while_idle_is_opened_again(
    server: Server, tmp_path: Path
) -> None:
    there = connected(server, tmp_path)

    def answer_and_leave(handler: Handler) -> None:
        handler.reply()
        handler.close_connection = True

    server.behaviours.append(answer_and_leave)
    session_id = there.open_session(info()).session_id
    assert there.append(session_id, chunk(b"one\n")).lines == 1
    assert server.connections == 2
    there.close()


def test_reset_in_the_middle_of_an_upload_is_tried_once_more(
    server: Server, tmp_path: Path
) -> None:
    there = connected(server, tmp_path)
    session_id = there.open_session(info()).session_id
    server.behaviours.append(Handler.reset)
    assert there.append(session_id, chunk(b"one\n")).lines == 1
    there.close()


@pytest.mark.usefixtures("short_time")
def test_drip_of_a_body_ends_at_the_deadline_of_the_whole_request(
    server: Server, tmp_path: Path
) -> None:
    def drip(handler: Handler) -> None:
        handler.read()
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.drip(b" " * 100_000, 0.01)

    server.behaviours += [drip] * 3
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable, match="did not answer in time"):
        there.open_session(info())
    there.close()


@pytest.mark.usefixtures("short_time")
def test_drip_of_headers_ends_at_the_deadline_of_the_whole_request(
    server: Server, tmp_path: Path
) -> None:
    def drip(handler: Handler) -> None:
        handler.read()
        handler.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Header: y\r\n" * 10_000, 0.01)

    server.behaviours += [drip] * 3
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable, match="did not answer in time"):
        there.open_session(info())
    there.close()


@pytest.mark.usefixtures("short_time")
def test_server_that_does_not_read_ends_at_the_deadline(server: Server, tmp_path: Path) -> None:
    server.behaviours.append(Handler.reply)
    there = connected(server, tmp_path)
    session_id = there.open_session(info()).session_id

    def do_not_read(handler: Handler) -> None:
        handler.here.over.wait()

    server.behaviours.append(do_not_read)
    noise = random.Random(1).randbytes(9_000_000).hex().encode()
    with pytest.raises(BackendUnavailable, match="did not answer in time"):
        there.append(session_id, chunk(noise[:12_000_000] + b"\n"))
    there.close()


def test_half_an_answer_is_none(server: Server, tmp_path: Path) -> None:
    def half(handler: Handler) -> None:
        handler.read()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"session_id":"x","files":{}}')
        handler.close_connection = True

    server.behaviours += [half] * 3
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable, match="without an answer"):
        there.open_session(info())
    there.close()


def test_what_is_not_http_is_an_error(server: Server, tmp_path: Path) -> None:
    def speak_otherwise(handler: Handler) -> None:
        handler.read()
        handler.wfile.write(b"220 mail.example.com ESMTP\r\n")
        handler.close_connection = True

    server.behaviours += [speak_otherwise] * 3
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable):
        there.open_session(info())
    there.close()


def test_answer_without_end_is_not_kept(server: Server, tmp_path: Path) -> None:
    def pour(handler: Handler) -> None:
        handler.read()
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        try:
            while not handler.here.over.is_set():
                handler.wfile.write(b" " * 1_000_000)
        except OSError:
            return

    server.behaviours += [pour] * 3
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable, match="without end"):
        there.open_session(info())
    there.close()


def test_packed_answer_that_was_not_asked_for_is_not_unpacked(
    server: Server, tmp_path: Path
) -> None:
    def packed(handler: Handler) -> None:
        handler.read()
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", "3")
        handler.end_headers()
        handler.wfile.write(b"\x1f\x8b\x08")

    server.behaviours.append(packed)
    there = connected(server, tmp_path)
    with pytest.raises(BackendUnavailable, match="encoding"):
        there.open_session(info())
    there.close()


def test_nobody_listening_is_said_without_the_key(server: Server, tmp_path: Path) -> None:
    there = connected(server, tmp_path, url="http://127.0.0.1:9")
    with pytest.raises(BackendUnavailable, match="cannot be reached") as caught:
        there.open_session(info())
    assert KEY not in repr(caught.value)
    assert caught.value.retry_after is not None


def test_name_that_cannot_be_one_is_an_error_like_an_unknown_one() -> None:
    network = DeadlineNetwork(Deadline(lambda: 0.0))
    with pytest.raises(httpcore.ConnectError):
        network.connect_tcp("a" * 64 + ".example", 443)


def test_server_that_answers_before_it_has_read_all_is_heard(
    server: Server, tmp_path: Path
) -> None:
    def too_large(handler: Handler) -> None:
        handler.send_response(413)
        handler.send_header("Content-Length", "0")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.read()
        handler.close_connection = True

    there = connected(server, tmp_path)
    session_id = there.open_session(info()).session_id
    server.behaviours.append(too_large)
    data = b"".join(b"%07d\n" % number for number in range(100_000))
    assert there.append(session_id, chunk(data)).lines == 100_000
    there.close()


@pytest.mark.parametrize(
    ("credentials", "shown"),
    [("ann:pa%40ss", "ann:pa@ss"), ("j%C3%B6rg:schlüssel", "jörg:schlüssel")],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "\u24dbocalhost"])
def test_proxy_of_the_environment_is_used_with_its_credentials(
    server: Server, tmp_path: Path, host: str, credentials: str, shown: str
) -> None:
    proxy = server.url.replace("//127.0.0.1", f"//{credentials}@{host}")
    there = http_backend(
        "http://confab.example.com",
        KEY,
        backoff=str(tmp_path),
        allow_plain_http=True,
        environ={"http_proxy": proxy},
    )
    assert there.open_session(info()).session_id
    there.close()
    (asked,) = server.api.asked
    assert asked.headers["host"] == "confab.example.com"
    assert asked.headers["proxy-authorization"] == "Basic " + b64encode(shown.encode()).decode()


def test_a_proxy_is_asked_for_an_ipv6_address_in_brackets(server: Server, tmp_path: Path) -> None:
    targets = []

    def note(handler: Handler) -> None:
        targets.append(handler.path)
        handler.reply()

    server.behaviours.append(note)
    there = http_backend(
        "http://[2001:db8::1]:8080",
        KEY,
        backoff=str(tmp_path),
        allow_plain_http=True,
        environ={"http_proxy": server.url},
    )
    assert there.open_session(info()).session_id
    there.close()
    assert targets == ["http://[2001:db8::1]:8080/api/v1/sync/init"]


def test_without_a_key_no_empty_one_is_shown(server: Server) -> None:
    asking = client.Client(
        Address(server.url, None), "", lambda: DeadlineTransport(Address(server.url, None), {})
    )
    assert asking.get("/api/v1/capabilities").status == 404
    asking.close()
    assert "authorization" not in server.api.asked[0].headers
