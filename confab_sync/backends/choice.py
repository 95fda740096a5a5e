"""Which backend the configuration asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.config import load_config
from confab_sync.errors import ConfigError

if TYPE_CHECKING:
    from confab_sync.backends.protocol import Backend
    from confab_sync.paths import Paths


def configured_backend(paths: Paths) -> Backend:
    """The backend that config.json names. Raises `ConfigError` when it cannot be used.

    An unreadable or wrong configuration means that nothing is sent; it never falls back to
    another backend (design, "Who talks to whom").
    """
    config = load_config(paths.config)
    if config.backend == "embedded":
        return EmbeddedBackend(paths.store)
    raise ConfigError(
        f"{paths.config} names a backend_url, and this version archives to its embedded store "
        "only; remove backend_url, or use a later version"
    )
