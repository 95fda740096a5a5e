"""A real server on loopback, in a thread, whose clocks a test can move."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from confab_sync.server.app import application
from confab_sync.server.assembly import assembled
from confab_sync.server.instance import listen
from confab_sync.server.protocol import PatientProtocol
from confab_sync.server.rates import Rates, contract_rates
from confab_sync.server.running import configured
from confab_sync.server.services import new_key
from confab_sync.server.site import Site
from confab_sync.server.stopping import StoppingServer
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.schema import OWNER
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from confab_sync.server.bodies import Bodies
    from confab_sync.server.local import Local
    from confab_sync.server.services import Services


class MovableClock:
    """The real time, and as much more as a test has let pass."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@dataclass(frozen=True)
class Serving:
    """A running server and its store."""

    url: str
    path: str
    clock: MovableClock
    services: Services

    def store(self) -> Store:
        """The server's store, opened once more."""
        return Store.open(self.path, clock=self.clock)

    def key(self, email: str = "", *, name: str = "test") -> str:
        """A new key of the user with this address, who is added if need be; else the owner's."""
        key = new_key(os.urandom)
        with self.store() as store:
            users = {user.email: user.id for user in store.accounts.users()}
            user = OWNER if not email else users.get(email)
            if user is None:
                user = store.accounts.add_user(email).id
            store.accounts.add_key(user, name, key, replace=True)
        return key

    def client(self, key: str = "") -> httpx.Client:
        """A client that shows `key`."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)


@contextmanager
def serving(
    directory: Path,
    *,
    site: Site | None = None,
    bodies: Bodies | None = None,
    rates: Callable[[Callable[[], float]], Rates] = contract_rates,
    store_timeout: float = 5.0,
    open_store: Callable[[], Store] | None = None,
    protocol: type[PatientProtocol] = PatientProtocol,
    local: Local | None = None,
) -> Iterator[Serving]:
    """A server of the store in `directory`, until the block ends."""
    path, clock = str(directory / "store.db"), MovableClock()
    options = DatabaseOptions(timeout=store_timeout)
    opening = open_store or (lambda: Store.open(path, clock=clock, options=options))
    with (
        assembled(
            path,
            opening,
            site=site or Site(),
            rates=rates(clock.monotonic),
            clock=clock,
            bodies=bodies,
            local=local,
        ) as services,
        listen("127.0.0.1", 0) as listener,
    ):
        config = configured(application(services), stop_within=1)
        config.http_protocol_class = protocol
        server = StoppingServer(config, services.changes)
        port = listener.getsockname()[1]
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        try:
            yield Serving(f"http://127.0.0.1:{port}", path, clock, services)
        finally:
            server.should_exit = True
            thread.join()
