"""`confab setup`: everything that has to be in place before sessions are copied."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from confab_sync.cli.binding import (
    bound,
    config_dir_option,
    known_key,
    place_to_set_up,
    unbound_notes,
    with_binding,
)
from confab_sync.cli.terminal import say
from confab_sync.cli.wording import counted, short_path
from confab_sync.errors import UsageError
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.cli.binding import Place
    from confab_sync.cli.context import Context
    from confab_sync.cli.hooks import Outcome
    from confab_sync.config import Config

NEW_CONFIG = {"log_level": "info"}
"""The settings of a user who has none; where lines go is decided by what is not there."""


@click.command("setup", epilog="Example: confab setup --import")
@click.option("--replace", is_flag=True, help="Put the hooks in the place of another confab's.")
@click.option(
    "--import/--no-import",
    "wanted",
    default=None,
    help="Import the sessions already on disk, or do not; without either you are asked.",
)
@click.option("--yes", is_flag=True, help="Answer yes to what would be asked.")
@click.option("--backend-url", metavar="URL", help="Send the copies to this server.")
@click.option("--api-key-stdin", is_flag=True, help="Read your key there from standard input.")
@click.option("--api-key-file", metavar="FILE", help="Read your key there from a file.")
@click.option("--embedded", is_flag=True, help="Keep the copies in the store on this machine.")
@config_dir_option
@click.pass_obj
def command(
    context: Context,
    replace: bool,
    wanted: bool | None,
    yes: bool,
    backend_url: str | None,
    api_key_stdin: bool,
    api_key_file: str | None,
    embedded: bool,
    config_dir: str | None,
) -> None:
    """Copy every Claude Code session from now on.

    Writes a launcher and a configuration file and adds three hooks to Claude Code's
    settings. Twice is the same as once. Copies stay on this machine unless you name a
    server; a key that you give is tried there before anything is changed.

    With --config-dir, sessions of that directory (CLAUDE_CONFIG_DIR) go to a backend of their
    own, and never to another, whatever happens there. Several may share one.
    """
    from confab_sync.cli.hooks import install
    from confab_sync.cli.resuming import see_to_it
    from confab_sync.config import load_config

    _refuse_another_home(context)
    config = load_config(context.paths.config)
    place = place_to_set_up(context, config, config_dir)
    named = _Named(backend_url, api_key_stdin, api_key_file, embedded)
    values = _values(context, config, place, named)
    config, config_changed = settle_config(context, lambda c: with_binding(c, place, values))
    outcome = install(context, replace=replace, settings_path=place.settings_path)
    changed = config_changed or outcome.launcher_changed or outcome.hooks_changed
    if place.directory and config_changed:
        see_to_it(context)
    _explain(context, config, place, outcome, changed)
    _offer_import(context, config, place, True if yes and wanted is None else wanted)


@dataclass(frozen=True, slots=True)
class _Named:
    """What the user says of the backend."""

    url: str | None
    on_stdin: bool
    key_file: str | None
    embedded: bool

    @property
    def is_server(self) -> bool:
        return self.url is not None or self.on_stdin or self.key_file is not None


def _values(context: Context, config: Config, place: Place, named: _Named) -> dict[str, object]:
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


def _server(context: Context, config: Config, place: Place, named: _Named) -> dict[str, object]:
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


def _refuse_another_home(context: Context) -> None:
    from confab_sync.errors import ConfabError

    home = context.paths.home
    if os.path.lexists(home) and not os.path.isdir(home):
        raise ConfabError(f"{home} is not a directory; move it away, then try again")


def settle_config(
    context: Context, change: Callable[[Config], Mapping[str, object]]
) -> tuple[Config, bool]:
    """Make sure that there is a private configuration file; whether that changed anything.

    What the user has written stays as it is, unknown keys and a Go CLI's login included,
    but for the keys that `change` names. Raises `ConfigError` for a file that cannot be used,
    `ConfabError` without a home.
    """
    from confab_sync.config import change_config, load_config
    from confab_sync.errors import ConfabError, ConfigError
    from confab_sync.paths import make_private_directory

    home, path = context.paths.home, context.paths.config
    try:
        make_private_directory(home, may_be_link=True)
    except OSError as error:
        raise ConfabError(f"{home} cannot be created: {error.strerror}") from error
    if not os.path.exists(path):
        return change_config(path, lambda new: {**NEW_CONFIG, **change(new)}), True
    before = load_config(path)
    config = change_config(path, change) if change(before) else before
    try:
        loose = bool(os.stat(path).st_mode & 0o077)
        if loose:
            os.chmod(path, 0o600)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made private: {error.strerror}") from error
    return config, loose or config.raw != before.raw


def _explain(
    context: Context, config: Config, place: Place, outcome: Outcome, changed: bool
) -> None:
    from confab_sync.cli.hooks import notes

    target = bound(config, place)

    def shown(path: str) -> str:
        return short_path(path, context.environ)

    where = f" for {shown(place.directory)}" if place.directory else ""
    if changed:
        which = "every session of it" if where else "every Claude Code session"
        say(f"confab is set up{where}: from now on {which} is copied, live.")
    else:
        click.echo(f"confab is already set up{where}; nothing was changed.")
    click.echo()
    if target.embedded:
        click.echo(f"  copies    {shown(context.paths.store)}")
        click.echo("            not encrypted; readable by your user only")
    else:
        from confab_sync.cli.connecting import key_prefix

        click.echo(f"  server    {printable(target.backend_url)}")
        if target.api_key:
            click.echo(f"            with the key that begins with {key_prefix(target.api_key)}")
        else:
            click.echo(f"            nothing is sent until you run `confab login{place.option}`")
    click.echo(
        f"  secrets   {'are masked before' if config.masks else 'ARE NOT MASKED when'} "
        "they are copied"
    )
    click.echo(f"  settings  {shown(context.paths.config)}")
    click.echo(f"  hooks     {shown(outcome.settings_path)}")
    click.echo(f"  launcher  {shown(context.paths.launcher)}")
    click.echo()
    click.echo("  look      confab sync status")
    if place.directory:
        click.echo(f"  leave     confab uninstall{place.option}")
    else:
        click.echo("  stop      confab hooks remove    new sessions are not copied any more")
        leaving = "with --purge the copies go, too" if target.embedded else "copies there stay"
        click.echo(f"  leave     confab uninstall       {leaving}")
    replacing = f"confab setup --replace{place.option}"
    for note in (*notes(outcome.inspection, replacing), *unbound_notes(context, config)):
        click.echo()
        say(note)


def _offer_import(context: Context, config: Config, place: Place, wanted: bool | None) -> None:
    """Import the sessions on disk if the user wants that; ask only in a terminal."""
    from confab_sync.cli.asking import agreed
    from confab_sync.cli.importing import import_sessions, number_on_disk

    _remember_wish(context, place, wanted)
    if wanted is False:
        return
    roots = [f"{place.directory}/projects"] if place.directory else None
    target = bound(config, place)
    number = number_on_disk(context, roots)
    if number == 0:
        return
    there = f"{counted(number, 'session')} of Claude Code {'is' if number == 1 else 'are'} on disk"
    where = "in the store" if target.embedded else "at the server"
    again = f"confab setup --import{place.option}"
    click.echo()
    needs_login = not target.embedded and not target.api_key
    if needs_login and (place.directory or not config.bindings):
        say(f"{there}; after `confab login{place.option}`, `{again}` sends them, too.")
        return
    if wanted is None:
        if not sys.stdin.isatty():
            later = "; the next session has it copied in the background"
            if _is_unwanted(context, place):
                later = ""
            say(f"{there}; `{again}` copies what is not {where} yet, now{later}.")
            return
        on_disk = there.replace(" of Claude Code", "")  # one line of 80 columns
        wanted = agreed(f"{on_disk}. Copy what is not {where} yet?", default=True)
        _remember_wish(context, place, wanted)
    if wanted:
        import_sessions(context, roots)


def _is_unwanted(context: Context, place: Place) -> bool:
    """Whether sessions from before now are left alone, since `--no-import` was said once."""
    from confab_sync.presence import wishes

    return os.path.lexists(wishes.place(context.paths.finisher, place.directory))


def _remember_wish(context: Context, place: Place, wanted: bool | None) -> None:
    """Whether sessions from before now are to be archived at all: catching up asks later.

    Raises `ConfabError`.
    """
    from confab_sync.errors import ConfabError
    from confab_sync.presence import due, wishes

    since = wishes.place(context.paths.finisher, place.directory)
    try:
        if wanted is False and not os.path.lexists(since):
            due.put_off(since, context.clock().timestamp())
        elif wanted and os.path.lexists(since):
            os.unlink(since)
    except OSError as error:
        raise ConfabError(f"{since} cannot be written: {error.strerror}") from error
