"""Checks of the servers that copies go to: the way there, who they are, the key, the clock."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.checks.notices import stale_notice
from confab_sync.cli.reaching import Asking, targets
from confab_sync.cli.wording import short_path
from confab_sync.config import load_config
from confab_sync.errors import (
    BackendForbidden,
    BackendUnauthorized,
    BackendUnavailable,
    ConfigError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.cli.reaching import Server
    from confab_sync.config import Config

CLOCKS_DIFFER = 120.0
"""Seconds by which our clock and a server's may differ."""


def checks(context: Context) -> Iterator[Check]:
    """Every server in config.json, asked at the same time and not for long."""
    try:
        config = load_config(context.paths.config)
    except ConfigError:
        return  # told of by the checks of config.json
    named = targets(config)
    if _uses_the_store(config):
        yield Check("backend", OK, "the embedded store: no server is needed")
    if not named:
        return
    answers = Asking(context, config, named).answers(time.monotonic)
    for server in answers:
        yield _server(context, server)
        yield from _clock(server)
    if not any(each.error for each in answers):
        yield from stale_notice(
            context,
            "key",
            "a notice about your key is left, although the server knows it now",
            "removed the notice about a key that is fine",
        )


def _uses_the_store(config: Config) -> bool:
    bound = (each for of_one in config.bindings.values() for each in of_one.values())
    return config.backend == "embedded" or any(each.embedded for each in bound)


def _server(context: Context, server: Server) -> Check:
    of = [short_path(each, context.environ) for each in server.directories if each]
    name = f"server {server.url}" + (f" of {', '.join(of)}" if of else "")
    error = server.error
    proxy = _proxy(context, server.url)
    if error is None:
        return Check(name, OK, f"answers, and knows you as {server.account}{proxy}")
    return Check(name, FAIL, f"{server.complaint}{proxy}", _remedy(server, is_proxied=bool(proxy)))


def _remedy(server: Server, *, is_proxied: bool) -> str:
    error, words = server.error, str(server.error).lower()
    if isinstance(error, (BackendUnauthorized, BackendForbidden)):
        return server.login
    if isinstance(error, ConfigError):
        return f"{server.login.replace('login', 'setup', 1)} --backend-url https://…"
    if "certificate" in words or "ssl" in words or "tls" in words:
        return "export SSL_CERT_FILE=/the/certificates/of/your/network.pem"
    if is_proxied:
        return "env | grep -i proxy"
    if isinstance(error, BackendUnavailable):
        return f"curl -I {server.url}"
    return "CONFAB_DEBUG=1 confab doctor"


def _proxy(context: Context, url: str) -> str:
    """Which proxy is on the way, without its password."""
    from confab_sync.backends.http.address import address

    try:
        proxy = address(url, context.environ, allow_plain_http=True).proxy
    except ConfigError:
        return ""
    return f"; through the proxy {urlsplit(proxy).hostname}" if proxy else ""


def _clock(server: Server) -> Iterator[Check]:
    if server.ahead is None:
        return
    if abs(server.ahead) < CLOCKS_DIFFER:
        yield Check("clock", OK, f"that of {server.url} is the same")
        return
    direction = "behind" if server.ahead > 0 else "ahead of"
    minutes = round(abs(server.ahead) / 60)
    found = f"this machine's is {minutes} minutes {direction} that of {server.url}"
    mend = (
        "sudo sntp -sS time.apple.com" if sys.platform == "darwin" else "timedatectl set-ntp true"
    )
    yield Check("clock", WARN, found, mend)
