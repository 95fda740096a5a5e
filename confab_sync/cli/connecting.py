"""Talking to a server on behalf of the person who typed a command."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.backends.http.account import account_of, looks_like_a_key
from confab_sync.backends.http.address import address
from confab_sync.backends.http.client import Client
from confab_sync.backends.http.transport import DeadlineTransport
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.backends.http.account import Account
    from confab_sync.cli.context import Context
    from confab_sync.config import Config

SHOWN_OF_A_KEY = 8
"""Characters: enough to tell one's keys apart, and no help to anybody else."""


def client(context: Context, config: Config, url: str, key: str) -> Client:
    """A client of the server at `url`; nothing is sent yet.

    Raises `ConfigError` for an address that must not be used.
    """
    where = address(url, context.environ, allow_plain_http=config.allow_plain_http)
    return Client(where, key, lambda: DeadlineTransport(where, context.environ))


def checked(context: Context, config: Config, url: str, key: str) -> Account:
    """Whose key it is, says the server. Raises `BackendError` and `ConfigError`."""
    with closing(client(context, config, url, key)) as there:
        return account_of(there)


def key_from_input() -> str:
    """The key on standard input, never on the command line. Raises `UsageError`."""
    key = sys.stdin.readline(1000).strip()
    if not looks_like_a_key(key):
        raise UsageError("what is on standard input is no API key: those begin with cfb_")
    return key


def key_prefix(key: str) -> str:
    """As much of a key as may be shown."""
    return key[: min(SHOWN_OF_A_KEY, len(key) // 4)]
