"""The backend that `confab setup` is told of, and what it makes of config.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.cli.binding import bound, known_key
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.cli.binding import Place
    from confab_sync.cli.context import Context
    from confab_sync.config import Config


@dataclass(frozen=True, slots=True)
class NamedBackend:
    """What the user says of the backend."""

    url: str | None
    on_stdin: bool
    key_file: str | None
    embedded: bool

    @property
    def is_server(self) -> bool:
        """Whether it is a server, or is to be one by its key."""
        return self.url is not None or self.on_stdin or self.key_file is not None


def settings_for(
    context: Context, config: Config, place: Place, named: NamedBackend
) -> dict[str, object]:
    """What is to be set in config.json for the directory's backend, which is tried before.

    Raises `ConfigError` for an address that must not be used, `UsageError` and `BackendError`
    for a key that is none.
    """
    if named.embedded and named.is_server:
        raise UsageError("--embedded is the store on this machine: no server, and no key")
    if named.is_server:
        return _server(context, config, place, named)
    if place.directory is None:
        return {"backend_url": "", "api_key": ""} if named.embedded and config.backend_url else {}
    current = bound(config, place)
    if current.is_usable and not named.embedded:
        return {}
    if named.embedded or config.backend == "embedded":
        return {"embedded": True, "backend_url": None, "api_key": None}
    raise UsageError(
        f"say where its sessions are to go: confab setup{place.option} --backend-url https://…, "
        "or --embedded for the store on this machine"
    )


def _server(
    context: Context, config: Config, place: Place, named: NamedBackend
) -> dict[str, object]:
    from confab_sync.cli.connecting import checked, client, key_given

    current = bound(config, place)
    url = (current.backend_url if named.url is None else named.url).rstrip("/")
    if not url:
        raise UsageError(f"name the server: confab setup{place.option} --backend-url https://…")
    client(context, config, url, "").close()
    own = {"embedded": None} if place.directory else {}
    key = key_given(on_stdin=named.on_stdin, file=named.key_file)
    if key is not None:
        checked(context, config, url, key)
        return {"backend_url": url, "api_key": key, **own}
    if url == current.backend_url:
        return {"backend_url": url, **own}
    # Never the key of another server; directories that share one may share its key.
    return {"backend_url": url, "api_key": known_key(config, url) if own else "", **own}
