"""Whether the server that copies go to answers, and as whom it knows us, within a short time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.backends.http.answers import LOGIN
from confab_sync.errors import BackendUnauthorized, BackendUnavailable, ConfabError

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.cli.context import Context
    from confab_sync.config import Binding, Config

SECONDS = 3.0
"""How long a person waits for a server, the look-up of its name included."""


@dataclass(frozen=True, slots=True)
class Server:
    """What came of asking a server whose key we have.

    `account` is empty unless it told; `error` says what went wrong; `ahead` is by how many
    seconds its clock is ahead of ours, None when it did not tell. `directories` are those of
    Claude Code whose sessions go there with this key, empty for the default one; `login` is the
    command that gets another key.
    """

    url: str
    account: str = ""
    error: ConfabError | None = None
    ahead: float | None = None
    directories: tuple[str, ...] = ("",)
    login: str = LOGIN

    @property
    def complaint(self) -> str:
        """What went wrong, without saying again which server it is about; empty for nothing."""
        words = "" if self.error is None else str(self.error)
        return words.removeprefix(self.url).lstrip().removeprefix(f"(GET {wire.VALIDATE})").lstrip()


class Asking:
    """Servers that are asked in the background while the rest of a picture is put together."""

    def __init__(
        self, context: Context, config: Config, targets: list[Binding], seconds: float = SECONDS
    ) -> None:
        self._seconds = seconds
        self._config = config
        self._targets = targets
        self._found: dict[int, Server] = {}
        # Not joined at the end: one that hangs in the look-up of a name cannot be woken.
        self._threads = [
            threading.Thread(target=self._ask, args=(context, config, number, target), daemon=True)
            for number, target in enumerate(targets)
        ]
        for thread in self._threads:
            thread.start()

    def answers(self, clock: Callable[[], float]) -> list[Server]:
        """What each server said, after at most the time that each may take; never raises."""
        end = clock() + self._seconds + 0.2
        for thread in self._threads:
            thread.join(max(0.0, end - clock()))
        found = dict(self._found)
        told = [
            found.get(number) or Server(target.backend_url, error=self._silent(target))
            for number, target in enumerate(self._targets)
        ]
        return [
            replace(server, directories=directories_of(self._config, target), login=target.login)
            for server, target in zip(told, self._targets, strict=True)
        ]

    def _silent(self, target: Binding) -> BackendUnavailable:
        return BackendUnavailable(
            f"{target.backend_url} did not answer within {self._seconds:g} seconds"
        )

    def _ask(self, context: Context, config: Config, number: int, target: Binding) -> None:
        try:
            self._found[number] = _asked(context, config, target, self._seconds)
        except Exception as error:  # a fault of ours; the thread must not print it
            told = ConfabError(f"a fault of its own: {type(error).__name__}: {error}")
            self._found[number] = Server(target.backend_url, error=told)


def targets(config: Config) -> list[Binding]:
    """Every server that config.json names, each once with each key."""
    return list(dict.fromkeys(each for each in _all(config) if each.backend_url))


def keys_for(config: Config, url: str) -> set[str]:
    """The keys that config.json has for a server: one for each account that is used there."""
    return {each.api_key for each in _all(config) if each.backend_url == url} - {""}


def directories_of(config: Config, target: Binding) -> tuple[str, ...]:
    """Claude's configuration directories whose sessions go there; empty for the default one."""
    return tuple(each.directory for each in _all(config) if each == target)


def _all(config: Config) -> list[Binding]:
    from confab_sync.config import Binding

    here = config.backend == "embedded"
    named = [Binding(config.backend_url, config.api_key, embedded=here)]
    for bound in config.bindings.values():
        named += bound.values()
    return named


def _asked(context: Context, config: Config, target: Binding, seconds: float) -> Server:
    from contextlib import closing

    from confab_sync.backends.http.account import account_in
    from confab_sync.backends.http.failures import answered
    from confab_sync.cli.connecting import client

    ahead = None
    try:
        asking = client(
            context, config, target.backend_url, target.api_key, seconds, login=target.login
        )
        with closing(asking) as there:
            answer = answered(lambda: there.get(wire.VALIDATE))
            ahead = _ahead(answer.date, context.clock().timestamp())
            if not target.api_key:
                raise BackendUnauthorized(f"there is no key for it yet; run `{target.login}`")
            account = account_in(there, answer)
    except ConfabError as error:
        return Server(target.backend_url, error=error, ahead=ahead)
    return Server(target.backend_url, account.email or account.name or "?", ahead=ahead)


def _ahead(date: str, now: float) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
