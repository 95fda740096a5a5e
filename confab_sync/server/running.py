"""Runs the server until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn

from confab_sync.errors import ServerError
from confab_sync.paths import make_private_directory
from confab_sync.server.app import application
from confab_sync.server.assembly import assembled
from confab_sync.server.certificates import check_certificate
from confab_sync.server.instance import listen, only_instance
from confab_sync.server.protocol import PatientProtocol
from confab_sync.server.rates import contract_rates
from confab_sync.server.retention import Retention
from confab_sync.server.signing_in import SIGN_IN
from confab_sync.server.site import Site
from confab_sync.server.stopping import StoppingServer
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.schema import OWNER
from confab_sync.store.store import Store

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from confab_sync.server.local import Local

STORE_TIMEOUT = 5.0
"""Seconds to wait for other writers before answering 503 (contract §1.1)."""

STOP_WITHIN = 3
"""Seconds that open requests have to end when the server stops."""

MAX_CONNECTIONS = 512


@dataclass(frozen=True, slots=True)
class Options:
    """Where the server listens, and what it is called from outside.

    Without TLS files and `behind_proxy` it listens on loopback addresses only.
    """

    store: str
    host: str = "127.0.0.1"
    port: int = 8790
    tls_cert: str = ""
    tls_key: str = ""
    behind_proxy: bool = False
    public_url: str = ""


def _now() -> datetime:
    return datetime.now(UTC)


def serve(
    options: Options,
    say: Callable[[str], None],
    local: Local | None = None,
    remove_old: Callable[[int], int] | None = None,
) -> None:
    """Serve the store until SIGTERM or SIGINT; `say` is told what a person should know.

    `local` is what the daemons of this host say of themselves, for the owner's pages.
    `remove_old` is asked now and again to remove so many old sessions, and says how many it did.

    Raises `ServerError` when serving is impossible, and `StoreError`.
    """
    check_options(options)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").addFilter(is_a_failure)
    make_private_directory(os.path.dirname(os.path.abspath(options.store)), may_be_link=True)
    with only_instance(options.store) as instance, listen(options.host, options.port) as listener:
        url = options.public_url or _url(options, listener)
        with (
            assembled(
                options.store,
                lambda: open_store(options.store),
                site=Site(
                    options.public_url,
                    is_tls=bool(options.tls_cert),
                    behind_proxy=options.behind_proxy,
                ),
                rates=contract_rates(time.monotonic),
                clock=_now,
                local=local,
            ) as services,
            closing(Retention(remove_old, say)) as retention,
        ):
            app = application(services)
            server = StoppingServer(
                configured(app, tls_cert=options.tls_cert, tls_key=options.tls_key),
                services.changes,
            )
            _stop_at_signals(server)
            with open_store(options.store) as store:
                link = new_owner_link(store, url)
            instance.announce(url)
            services.searching.start()
            retention.start()
            say(f"confab serve: {url}")
            if link:
                say(f"Sign in once, within a day, with {link}")
            server.run(sockets=[listener])


def open_store(path: str) -> Store:
    """The store at `path`, made if it is missing, with a short wait for other writers."""
    return Store.open(path, clock=_now, options=DatabaseOptions(timeout=STORE_TIMEOUT))


def new_owner_link(store: Store, url: str) -> str:
    """A one-time link for an owner who never signed in and never had a key; else empty."""
    return sign_in_link(store, OWNER, url) if store.accounts.is_new(OWNER) else ""


def sign_in_link(store: Store, user: int, url: str) -> str:
    """A link that signs a user in once; links made before work no more."""
    token = os.urandom(32).hex()
    store.accounts.add_link(user, token)
    return f"{url}{SIGN_IN}?token={token}"


def configured(
    app: ASGIApp, *, tls_cert: str = "", tls_key: str = "", stop_within: int = STOP_WITHIN
) -> uvicorn.Config:
    """How uvicorn serves `app`: quietly, without protocols we do not need, with limits."""
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=stop_within,
        ssl_certfile=tls_cert or None,
        ssl_keyfile=tls_key or None,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def is_a_failure(record: logging.LogRecord) -> bool:
    """Whether a log record is not just about a request that was cut off by the server's stop."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError)


def _stop_at_signals(server: uvicorn.Server) -> None:
    """Let SIGTERM and SIGINT end the server well, from now on and however often they come.

    uvicorn has handlers of its own while it runs, and raises the signal once more afterwards.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def check_options(options: Options) -> None:
    """Raise `ServerError` for options that contradict each other, or show keys to others."""
    if bool(options.tls_cert) != bool(options.tls_key):
        raise ServerError("--tls-cert and --tls-key belong together")
    if options.tls_cert:
        check_certificate(options.tls_cert, options.tls_key)
    if options.behind_proxy and not options.public_url:
        raise ServerError("--behind-proxy needs --public-url, the address that people type")
    is_open = bool(options.tls_cert) or options.behind_proxy
    if not is_open and not is_loopback(options.host):
        raise ServerError(
            f"{options.host} can be reached by others: give --tls-cert and --tls-key, or say "
            "--behind-proxy if a proxy of yours adds TLS"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _url(options: Options, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - named, not bound to
        host = "localhost"
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if options.tls_cert else 'http'}://{name}:{port}"
