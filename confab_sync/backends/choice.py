"""Which backend the configuration asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.config import load_config
from confab_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.backends.protocol import Backend
    from confab_sync.paths import Paths


def configured_backend(
    paths: Paths,
    directory: str | None = None,
    live: Callable[[], Mapping[str, object]] = dict,
) -> Backend:
    """The backend that config.json names. Raises `ConfigError` when it cannot be used.

    `directory` is the assistant's configuration directory that the session belongs to, None
    for the default one: others may be bound to a backend of their own (contract §4.1). An
    unreadable or wrong configuration means that nothing is sent; it never falls back to
    another backend (design, "Who talks to whom"). A missing key is not wrong: the user may
    log in later, and the first request says so. `live` gives what a daemon says of itself, to
    be told in passing to a server that wants to hear it.
    """
    config = load_config(paths.config)
    try:
        target = config.target(directory)
        if not target.backend_url:
            return EmbeddedBackend(paths.store)
        # Not before a server is configured: the client takes several interpreter starts to import.
        from confab_sync.backends.http.connection import http_backend

        return http_backend(
            target.backend_url,
            target.api_key,
            backoff=paths.backoff,
            allow_plain_http=config.allow_plain_http,
            login=target.login,
            live=live,
        )
    except ConfigError as error:
        raise ConfigError(f"{paths.config}: {error}") from error
