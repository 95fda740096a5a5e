"""How a key is got from a server, and whose it is (contract §2.2, §2.11)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends.http.client import Unanswered
from confab_sync.backends.http.failures import failure
from confab_sync.errors import BackendRefused, BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.http.answers import Answer
    from confab_sync.backends.http.client import Client

_SHORTEST = 5.0
_WORDS = {
    wire.EXPIRED_TOKEN: "the code has expired; run `confab login` again",
    wire.INVALID_GRANT: "the code was used before; run `confab login` again",
    wire.ACCESS_DENIED_CODE: "the server does not let this user in",
    wire.API_KEY_LIMIT_EXCEEDED: "the user has too many keys; revoke some at the server",
}


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types into a page, and for how many seconds; the rest is for polling."""

    user_code: str
    page: str
    expires_in: float
    interval: float
    device_code: str


def begin(client: Client, key_name: str) -> DeviceCode:
    """Ask for a code. Raises `BackendError`."""
    answer = _post(client, wire.DEVICE_CODE, {"key_name": key_name})
    if not answer.succeeded:
        raise failure(answer)
    said = answer.object()
    texts = [said.get(name) for name in ("user_code", "verification_uri", "device_code")]
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        raise answer.nonsense("it offers no code")
    user_code, page, device_code = (str(text) for text in texts)
    if not page.startswith(("https://", "http://")):
        raise answer.nonsense("it names no page")
    return DeviceCode(
        user_code,
        f"{page}?code={quote(user_code)}",
        _seconds(said.get("expires_in"), wire.DEVICE_EXPIRES_IN),
        max(_seconds(said.get("interval"), wire.DEVICE_INTERVAL), _SHORTEST),
        device_code,
    )


def wait_for_key(
    client: Client,
    code: DeviceCode,
    clock: Callable[[], float],
    pause: Callable[[float], None],
) -> str:
    """The key, once a person has approved the code. `clock` and `pause` count seconds.

    A server that does not answer for a moment is asked again. Raises `BackendError` when the
    code expires or is refused.
    """
    deadline = clock() + code.expires_in
    interval = code.interval
    while clock() + interval <= deadline:
        pause(interval)
        try:
            answer = _post(client, wire.DEVICE_TOKEN, {"device_code": code.device_code})
        except BackendUnavailable:
            continue
        if answer.succeeded:
            return _key(answer)
        if answer.error == wire.SLOW_DOWN or answer.status == 429:
            interval += _SHORTEST
        elif answer.error in _WORDS:
            raise BackendRefused(_WORDS[str(answer.error)])
        elif answer.error != wire.AUTHORIZATION_PENDING and answer.status < 500:
            raise failure(answer)
    raise BackendRefused(_WORDS[wire.EXPIRED_TOKEN])


def owner_of_key(client: Client) -> str:
    """The e-mail address of the user whose key the client shows. Raises `BackendError`."""
    try:
        answer = client.get(wire.VALIDATE)
    except Unanswered as error:
        raise BackendUnavailable(str(error)) from error
    if not answer.succeeded:
        raise failure(answer)
    said = answer.object()
    email = said.get("email")
    if said.get("valid") is not True:
        raise BackendRefused(f"{answer.where} does not accept this key")
    return email if isinstance(email, str) and email.isprintable() else "somebody"


def _post(client: Client, route: str, body: dict[str, str]) -> Answer:
    try:
        return client.post(route, json.dumps(body).encode())
    except Unanswered as error:
        raise BackendUnavailable(str(error)) from error


def _key(answer: Answer) -> str:
    key = answer.object().get("access_token")
    if not isinstance(key, str) or not looks_like_a_key(key):
        raise answer.nonsense("it gives no key")
    return key


def looks_like_a_key(text: str) -> bool:
    """Whether `text` has the form of an API key (contract §1.3)."""
    printable = all("!" <= symbol <= "~" for symbol in text)
    return text.startswith(wire.KEY_PREFIX) and len(text) >= 20 and printable


def _seconds(said: object, otherwise: int) -> float:
    is_number = isinstance(said, int) and not isinstance(said, bool) and 0 < said <= 3600
    return float(said if is_number else otherwise)  # type: ignore[arg-type]
