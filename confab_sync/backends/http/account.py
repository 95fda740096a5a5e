"""Getting an API key from a server and asking it whose key one is (contract §2.2, §2.11)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from confab_sync import wire
from confab_sync.backends.http.client import Client, Unanswered
from confab_sync.backends.http.failures import answered, failure
from confab_sync.backends.http.texts import clip, dumps, printable
from confab_sync.errors import BackendRefused, BackendUnauthorized

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.http.answers import Answer

SHORTEST_KEY = 20
LONGEST_KEY = 500

LONGEST_SHOWN = 2000
"""Characters of what a server has to be shown to the user."""

SLOWER = 5.0
"""Seconds that are added to the interval when the server finds us too eager (RFC 8628 §3.5)."""

LONGEST_INTERVAL = 60.0
"""Seconds between two questions, whatever the server says."""

LONGEST_WAIT = 3600.0
"""Seconds: a code that is good for longer is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose key it is."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the user is to confirm, and where; `interval` and `expires_in` are seconds."""

    user_code: str
    verification_uri: str
    interval: float
    expires_in: float
    device_code: str = field(repr=False)

    @property
    def link(self) -> str:
        """The page with the code filled in."""
        return f"{self.verification_uri}?code={quote(self.user_code)}"


def looks_like_a_key(key: str) -> bool:
    """Whether `key` can be an API key at all (§1.3): most hold `-` or `_`."""
    return SHORTEST_KEY <= len(key) <= LONGEST_KEY and re.fullmatch(r"cfb_[!-~]+", key) is not None


def account_of(client: Client) -> Account:
    """Whose key the client has. Raises `BackendError`."""
    return account_in(client, answered(lambda: client.get(wire.VALIDATE)))


def account_in(client: Client, answer: Answer) -> Account:
    """Whose key it is, says this answer to `wire.VALIDATE`. Raises `BackendError`."""
    if not answer.succeeded:
        raise failure(answer)
    said = answer.object()
    if said.get("valid") is not True:
        raise BackendUnauthorized(f"{client.address.url} does not know this API key")
    return Account(_shown(said.get("email")), _shown(said.get("name")))


def request_code(client: Client, host: str) -> DeviceCode:
    """Begin a login; `host` tells the user later which key is which. Raises `BackendError`."""
    name = clip(f"{host} (Confab CLI)", wire.MAX_KEY_NAME)
    answer = answered(lambda: client.post(wire.DEVICE_CODE, dumps({"key_name": name})))
    if not answer.succeeded:
        raise failure(answer)
    said = answer.object()
    device, user, page = (said.get(key) for key in ("device_code", "user_code", "verification_uri"))
    if not (isinstance(device, str) and isinstance(user, str) and isinstance(page, str)):
        raise answer.nonsense("it holds no code")
    if not (_may_be_shown(user) and _may_be_shown(page) and _is_web_page(page)):
        raise answer.nonsense("its page is none")
    return DeviceCode(
        user_code=user,
        verification_uri=page,
        interval=min(
            max(_seconds(said.get("interval")), float(wire.DEVICE_INTERVAL)), LONGEST_INTERVAL
        ),
        expires_in=min(
            _seconds(said.get("expires_in")) or float(wire.DEVICE_EXPIRES_IN), LONGEST_WAIT
        ),
        device_code=device,
    )


def wait_for_key(
    client: Client,
    code: DeviceCode,
    *,
    clock: Callable[[], float],
    pause: Callable[[float], None],
) -> str:
    """The key, once the user has confirmed `code`. Raises `BackendError` when that fails.

    `clock` is monotonic in seconds. Trouble on the way is waited out as long as the code is
    good.
    """
    end = clock() + code.expires_in
    interval = code.interval
    while clock() < end:
        pause(interval)
        try:
            answer = client.post(wire.DEVICE_TOKEN, dumps({"device_code": code.device_code}))
        except Unanswered:
            continue
        if answer.succeeded:
            return _key(answer)
        if answer.status == 429 or answer.status >= 500 or answer.error == wire.SLOW_DOWN:
            interval += SLOWER
        elif answer.error != wire.AUTHORIZATION_PENDING:
            raise BackendRefused(_REASONS.get(answer.error or "", str(failure(answer))))
    raise BackendRefused(_REASONS[wire.EXPIRED_TOKEN])


_REASONS = {
    wire.EXPIRED_TOKEN: "the code has expired; start again",
    wire.INVALID_GRANT: "the server does not know this code (any more); start again",
    wire.ACCESS_DENIED_CODE: "the server lets no user with this e-mail address in",
    wire.API_KEY_LIMIT_EXCEEDED: "this user has too many API keys; remove some on the server",
}


def _key(answer: Answer) -> str:
    key = answer.object().get("access_token")
    if not isinstance(key, str) or not looks_like_a_key(key):
        raise answer.nonsense("it holds no key")
    return key


def _shown(value: object) -> str:
    return printable(value[:LONGEST_SHOWN]) if isinstance(value, str) else ""


def _may_be_shown(text: str) -> bool:
    return text.isprintable() and len(text) <= LONGEST_SHOWN


def _is_web_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _seconds(value: object) -> float:
    """A number of seconds, as far as it is one; never more than `LONGEST_WAIT`."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        return 0.0
    return float(min(value, LONGEST_WAIT))
