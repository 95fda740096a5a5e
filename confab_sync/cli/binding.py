"""Claude's configuration directories, each with the backend that its sessions go to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from confab_sync.cli.wording import short_path
from confab_sync.config import Binding
from confab_sync.errors import UsageError
from confab_sync.paths import PROVIDER, user_home
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.cli.context import Context
    from confab_sync.config import Config

config_dir_option = click.option(
    "--config-dir",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Claude's configuration directory that is meant, if not ~/.claude.",
)


@dataclass(frozen=True, slots=True)
class Place:
    """One of Claude's configuration directories; `directory` is None for the default one."""

    directory: str | None
    settings_path: str

    @property
    def option(self) -> str:
        """What has to follow a command so that it means this one; begins with a space."""
        import shlex

        return f" --config-dir {printable(shlex.quote(self.directory))}" if self.directory else ""


def place_of(context: Context, named: str | None) -> Place:
    """The configuration directory that the user means, by `--config-dir` or the environment.

    Its name is the one that config.json has for it: absolute, symlinks resolved (contract
    §4.1). Raises `UsageError` for one that is not there, or whose sessions lie elsewhere.
    """
    from confab_sync.claude.directories import config_dir

    if named is None:
        return Place(None, config_dir(context.environ) + "/settings.json")
    path = os.path.realpath(_expanded(context, named))
    if not os.path.isdir(path):
        raise UsageError(
            f"there is no directory {named}; start Claude Code once with CLAUDE_CONFIG_DIR={named}"
        )
    if path == default_directory(context):
        return Place(None, f"{path}/settings.json")
    projects = os.path.realpath(f"{path}/projects")
    if projects != f"{path}/projects":
        raise UsageError(
            f"the sessions of {named} lie in {projects}, so they cannot be told from those of "
            f"{os.path.dirname(projects)}"
        )
    return Place(path, f"{path}/settings.json")


def place_to_set_up(context: Context, config: Config, named: str | None) -> Place:
    """The same for `confab setup`.

    Where some directories have a backend of their own, the one in `CLAUDE_CONFIG_DIR` needs one,
    too: the default one's is not for it.
    """
    from confab_sync.claude.directories import config_dir

    if named is None and config.bound_directories:
        named = config_dir(context.environ)
        os.makedirs(named, mode=0o700, exist_ok=True)
    return place_of(context, named)


def default_directory(context: Context) -> str:
    """The configuration directory whose sessions go to the top-level backend."""
    default = context.environ.get("CONFAB_CLAUDE_DIR") or f"{user_home(context.environ)}/.claude"
    return os.path.realpath(default)


def bound(config: Config, place: Place) -> Binding:
    """The backend that config.json names for a directory; one without an address if none."""
    if place.directory is None:
        return Binding(config.backend_url, config.api_key, embedded=config.backend == "embedded")
    found = config.bindings.get(PROVIDER, {}).get(place.directory)
    return found or Binding(directory=place.directory)


def with_binding(config: Config, place: Place, values: Mapping[str, object]) -> dict[str, object]:
    """The changes of config.json that set `values` of a directory's backend; None removes one."""
    if place.directory is None or not values:
        return dict(values)
    providers: dict[str, Any] = {**(config.raw.get("bindings") or {})}
    directories = {**(providers.get(PROVIDER) or {})}
    merged = {**(directories.get(place.directory) or {}), **values}
    directories[place.directory] = {k: v for k, v in merged.items() if v is not None}
    return {"bindings": {**providers, PROVIDER: directories}}


def known_key(config: Config, url: str) -> str:
    """The key that is in use for a server, if there is just one: directories may share it."""
    from confab_sync.cli.reaching import keys_for

    keys = keys_for(config, url)
    return keys.pop() if len(keys) == 1 else ""


def unbound(context: Context, config: Config) -> list[str]:
    """Directories with hooks of ours whose sessions go nowhere, since others have a backend."""
    from confab_sync.claude.installation import edited_settings
    from confab_sync.cli.hooks import memory_path

    if not config.bound_directories:
        return []
    edited = edited_settings(memory_path(context))
    hooked = [os.path.realpath(os.path.dirname(path)) for path in edited]
    usable = [b.directory for b in config.bindings.get(PROVIDER, {}).values() if b.is_usable]
    taken = {*usable, default_directory(context)}
    return [each for each in dict.fromkeys(hooked) if each not in taken]


def unbound_notes(context: Context, config: Config) -> list[str]:
    """What the user should know of them, in words."""
    return [
        f"{short_path(each, context.environ)} has no backend of its own: nothing of its sessions "
        f"is sent; `confab setup{Place(each, '').option}` binds one."
        for each in unbound(context, config)
    ]


def _expanded(context: Context, named: str) -> str:
    if named == "~" or named.startswith("~/"):
        return user_home(context.environ) + named[1:]
    return named
