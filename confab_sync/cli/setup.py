"""`confab setup`: everything that has to be in place before sessions are copied."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from confab_sync.cli.wording import counted, short_path

if TYPE_CHECKING:
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
@click.pass_obj
def command(context: Context, replace: bool, wanted: bool | None, yes: bool) -> None:
    """Copy every Claude Code session from now on.

    Writes a launcher and a configuration file and adds three hooks to Claude Code's
    settings. Twice is the same as once.
    """
    from confab_sync.cli.hooks import install

    config, config_changed = settle_config(context)
    outcome = install(context, replace=replace)
    changed = config_changed or outcome.launcher_changed or outcome.hooks_changed
    _explain(context, config, outcome, changed)
    _offer_import(context, config, True if yes and wanted is None else wanted)


def settle_config(context: Context) -> tuple[Config, bool]:
    """Make sure that there is a private configuration file; whether that changed anything.

    What the user has written stays as it is, unknown keys and a Go CLI's login included.
    Raises `ConfigError` for a file that cannot be used, `ConfabError` without a home.
    """
    from confab_sync.config import load_config, write_config
    from confab_sync.errors import ConfabError, ConfigError
    from confab_sync.paths import make_private_directory

    home, path = context.paths.home, context.paths.config
    if os.path.lexists(home) and not os.path.isdir(home):
        raise ConfabError(f"{home} is not a directory; move it away, then try again")
    try:
        make_private_directory(home)
    except OSError as error:
        raise ConfabError(f"{home} cannot be created: {error.strerror}") from error
    if not os.path.exists(path):
        return write_config(path, NEW_CONFIG), True
    config = load_config(path)
    try:
        loose = bool(os.stat(path).st_mode & 0o077)
        if loose:
            os.chmod(path, 0o600)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made private: {error.strerror}") from error
    return config, loose


def _explain(context: Context, config: Config, outcome: Outcome, changed: bool) -> None:
    from confab_sync.cli.hooks import notes

    def shown(path: str) -> str:
        return short_path(path, context.environ)

    if changed:
        click.echo("confab is set up: from now on every Claude Code session is copied, live.")
    else:
        click.echo("confab is already set up; nothing was changed.")
    click.echo()
    if config.backend == "embedded":
        click.echo(f"  copies    {shown(context.paths.store)}")
        click.echo("            not encrypted; readable by your user only")
    else:
        click.echo("  copies    none: config.json names a server, and sending is not offered yet;")
        click.echo('            without "backend_url" there, sessions are kept on this machine')
    click.echo(f"  settings  {shown(context.paths.config)}")
    click.echo(f"  hooks     {shown(outcome.settings_path)}")
    click.echo(f"  launcher  {shown(context.paths.launcher)}")
    click.echo()
    click.echo("  look      confab sync status")
    click.echo("  stop      confab hooks remove    new sessions are not copied any more")
    click.echo("  leave     confab uninstall       with --purge the copies go, too")
    for note in notes(outcome.inspection, "confab setup --replace"):
        click.echo()
        click.echo(note)


def _offer_import(context: Context, config: Config, wanted: bool | None) -> None:
    """Import the sessions on disk if the user wants that; ask only in a terminal."""
    if wanted is False or config.backend != "embedded":
        return
    from confab_sync.cli.importing import import_sessions, transcripts

    number = sum(1 for _ in transcripts(context))
    if number == 0:
        return
    there = f"{counted(number, 'session')} of Claude Code {'is' if number == 1 else 'are'} on disk"
    click.echo()
    if wanted is None:
        if not sys.stdin.isatty():
            click.echo(f"{there}; `confab setup --import` copies what is not in the store yet.")
            return
        wanted = click.confirm(f"{there}. Copy what is not in the store yet?", default=True)
    if wanted:
        import_sessions(context)
