"""Talking to a server on behalf of the person who typed a command."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.backends.http.account import account_of, looks_like_a_key
from confab_sync.backends.http.address import address
from confab_sync.backends.http.answers import LOGIN
from confab_sync.backends.http.client import SECONDS, Client
from confab_sync.backends.http.transport import DeadlineTransport
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.backends.http.account import Account
    from confab_sync.cli.context import Context
    from confab_sync.config import Config

LONGEST_LINE = 1000
"""Characters that are read of a line that should be a key."""

SHOWN_OF_A_KEY = 8
"""Characters: enough to tell one's keys apart, and no help to anybody else."""


def client(
    context: Context,
    config: Config,
    url: str,
    key: str,
    seconds: float = SECONDS,
    *,
    login: str = LOGIN,
) -> Client:
    """A client of the server at `url`, whose small requests may take `seconds`.

    `login` is the command that gets a key for it. Nothing is sent yet. Raises `ConfigError` for
    an address that must not be used.
    """
    where = address(url, context.environ, allow_plain_http=config.allow_plain_http)
    transport = lambda: DeadlineTransport(where, context.environ)  # noqa: E731
    return Client(where, key, transport, seconds, login)


def checked(context: Context, config: Config, url: str, key: str) -> Account:
    """Whose key it is, says the server. Raises `BackendError` and `ConfigError`."""
    with closing(client(context, config, url, key)) as there:
        return account_of(there)


def key_given(*, on_stdin: bool, file: str | None) -> str | None:
    """The key that the user gives: on standard input or in a file; None without either.

    Never on the command line, where every user of the machine could read it. Raises
    `UsageError`.
    """
    if on_stdin and file is not None:
        raise UsageError("give the key on standard input or in a file, not both")
    if file is not None:
        return _checked_key(_first_line(file), file)
    return _checked_key(_typed(), "standard input") if on_stdin else None


def _typed() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(LONGEST_LINE)
    import getpass

    return getpass.getpass("API key (not shown): ")


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline(LONGEST_LINE)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _checked_key(line: str, where: str) -> str:
    key = line.strip()
    if not looks_like_a_key(key):
        raise UsageError(f"in {where} there is no API key: those begin with cfb_")
    return key


def key_prefix(key: str) -> str:
    """As much of a key as may be shown."""
    return key[: min(SHOWN_OF_A_KEY, len(key) // 4)]
