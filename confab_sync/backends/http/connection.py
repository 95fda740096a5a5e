"""Putting the parts of an HTTP backend together."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

from confab_sync.backends.http.address import address
from confab_sync.backends.http.answers import LOGIN
from confab_sync.backends.http.backend import HttpBackend
from confab_sync.backends.http.client import Client
from confab_sync.backends.http.holdoff import HoldOff
from confab_sync.backends.http.retrying import Asking
from confab_sync.backends.http.transport import DeadlineTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.backends.http.transport import Transport


def http_backend(
    backend_url: str,
    api_key: str,
    *,
    backoff: str,
    allow_plain_http: bool = False,
    login: str = LOGIN,
    environ: Mapping[str, str] = os.environ,
    transport: Callable[[], Transport] | None = None,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
    rng: random.Random | None = None,
    live: Callable[[], Mapping[str, object]] = dict,
) -> HttpBackend:
    """The backend at `backend_url`; nothing is sent yet. Raises `ConfigError`.

    `backoff` is the directory where the daemons of this machine share what they know of the
    server's availability. An empty `api_key` is allowed: the first request then says what
    to do, for which `login` is the command. `live` gives what the daemon says of itself in
    passing. `transport`, `clock` (wall, seconds), `pause` (seconds) and `rng` are for tests.
    """
    where = address(backend_url, environ, allow_plain_http=allow_plain_http)
    rng = rng or random.SystemRandom()
    return HttpBackend(
        Client(
            where,
            api_key,
            transport or (lambda: DeadlineTransport(where, environ)),
            login=login,
        ),
        Asking(HoldOff.of(backoff, where.url, clock, rng), pause, rng),
        live,
    )
