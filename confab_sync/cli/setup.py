"""`confab setup`: everything that has to be in place before sessions are copied."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from confab_sync.cli.binding import (
    bound,
    config_dir_option,
    place_to_set_up,
    unbound_notes,
    with_binding,
)
from confab_sync.cli.named_backend import NamedBackend, settings_for
from confab_sync.cli.offering import offer_import
from confab_sync.cli.terminal import say
from confab_sync.cli.wording import short_path
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
    named = NamedBackend(backend_url, api_key_stdin, api_key_file, embedded)
    values = settings_for(context, config, place, named)
    config, config_changed = settle_config(context, lambda c: with_binding(c, place, values))
    outcome = install(context, replace=replace, settings_path=place.settings_path)
    changed = config_changed or outcome.launcher_changed or outcome.hooks_changed
    if place.directory and config_changed:
        see_to_it(context)
    _explain(context, config, place, outcome, changed)
    offer_import(context, config, place, True if yes and wanted is None else wanted)


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
