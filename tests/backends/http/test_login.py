"""A device waits for its key as long as the code lives, through trouble, and not longer."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from confab_sync.backends.http.address import Address
from confab_sync.backends.http.client import Client
from confab_sync.backends.http.login import (
    DeviceCode,
    begin,
    looks_like_a_key,
    owner_of_key,
    wait_for_key,
)
from confab_sync.errors import BackendError, BackendRefused, BackendUnavailable

KEY = "cfb_" + "a-_Z" * 10
CODE = DeviceCode("ABCD-2345", "https://a.b/auth/device", 300.0, 5.0, "code")


class Time:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def response(status: int, body: object, kind: str = "application/json") -> httpx.Response:
    """An answer that is still to be read, as from a connection."""
    content = httpx.ByteStream(json.dumps(body).encode())
    return httpx.Response(status, headers={"Content-Type": kind}, stream=content)


def client(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(Address("https://a.b", None), "", lambda: httpx.MockTransport(answer))


def answering(*answers: tuple[int, object]) -> Client:
    """A client whose server gives these answers, the last one for ever."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = left.pop(0) if len(left) > 1 else left[0]
        if body is None:
            raise httpx.ConnectError("gone", request=request)
        return response(status, body) if status else response(429, "slow", "text/plain")

    return client(answer)


PENDING = (400, {"error": "authorization_pending"})
GRANTED = (200, {"access_token": KEY, "token_type": "Bearer"})


def wait(*answers: tuple[int, object]) -> tuple[str, list[float]]:
    time = Time()
    return wait_for_key(answering(*answers), CODE, time, time.pause), time.pauses


def test_key_comes_when_the_code_is_approved() -> None:
    assert wait(PENDING, PENDING, GRANTED) == (KEY, [5.0, 5.0, 5.0])


def test_trouble_is_waited_out() -> None:
    answers = [(0, "limited"), (500, {"error": "server_error"}), (0, None), GRANTED]
    assert wait(*answers) == (KEY, [5.0, 10.0, 10.0, 10.0])


def test_server_that_wants_it_slower_gets_it() -> None:
    assert wait((400, {"error": "slow_down"}), GRANTED) == (KEY, [5.0, 10.0])


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "expired_token", "expired"),
        (400, "invalid_grant", "used before"),
        (403, "access_denied", "does not let"),
        (409, "api_key_limit_exceeded", "too many keys"),
    ],
)
def test_refusal_ends_the_waiting(status: int, code: str, words: str) -> None:
    with pytest.raises(BackendRefused, match=words):
        wait(PENDING, (status, {"error": code}))


def test_code_that_nobody_approves_ends_in_time() -> None:
    time = Time()
    with pytest.raises(BackendRefused, match="expired"):
        wait_for_key(answering(PENDING), CODE, time, time.pause)
    assert 290 <= time.now <= 300


@pytest.mark.parametrize("said", [{}, {"access_token": 7}, {"access_token": "nonsense"}])
def test_nonsense_is_no_key(said: object) -> None:
    with pytest.raises(BackendUnavailable):
        wait((200, said))


def test_code_is_asked_for_with_a_name_and_no_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        said = {
            "device_code": "d",
            "user_code": "ABCD-2345",
            "verification_uri": "https://a.b/auth/device",
            "expires_in": 300,
            "interval": 1,
        }
        return response(200, said)

    code = begin(client(answer), "box")
    assert code.page == "https://a.b/auth/device?code=ABCD-2345"
    assert code.interval == 5.0
    assert json.loads(seen[0].content) == {"key_name": "box"}
    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize(
    "change",
    [{"user_code": None}, {"verification_uri": "javascript:x"}, {"user_code": "\x1b[2J"}],
)
def test_nonsense_is_no_code(change: dict[str, object]) -> None:
    said = {"device_code": "d", "user_code": "c", "verification_uri": "https://a.b/x", **change}
    with pytest.raises(BackendUnavailable):
        begin(answering((200, said)), "box")


def test_owner_of_a_key_is_told() -> None:
    assert owner_of_key(answering((200, {"valid": True, "email": "a@b.c"}))) == "a@b.c"
    refusals: list[tuple[int, object]] = [(200, {"valid": False}), (401, {"error": "x"}), (200, [])]
    for answer in refusals:
        with pytest.raises(BackendError):
            owner_of_key(answering(answer))


def test_form_of_keys() -> None:
    assert looks_like_a_key(KEY)
    assert not any(map(looks_like_a_key, ["", "cfb_", "abc_" + "x" * 40, "cfb_" + "x y" * 10]))
