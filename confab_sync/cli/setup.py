"""`confab setup`: everything that has to be in place before sessions are copied."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from confab_sync.cli.wording import counted, short_path
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

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
@click.pass_obj
def command(
    context: Context,
    replace: bool,
    wanted: bool | None,
    yes: bool,
    backend_url: str | None,
    api_key_stdin: bool,
    api_key_file: str | None,
) -> None:
    """Copy every Claude Code session from now on.

    Writes a launcher and a configuration file and adds three hooks to Claude Code's
    settings. Twice is the same as once. Copies stay on this machine unless you name a
    server; a key that you give is tried there before anything is changed.
    """
    from confab_sync.cli.hooks import install

    changes = _server(context, backend_url, api_key_stdin=api_key_stdin, api_key_file=api_key_file)
    config, config_changed = settle_config(context, changes)
    outcome = install(context, replace=replace)
    changed = config_changed or outcome.launcher_changed or outcome.hooks_changed
    _explain(context, config, outcome, changed)
    _offer_import(context, config, True if yes and wanted is None else wanted)


def _server(
    context: Context, url: str | None, *, api_key_stdin: bool, api_key_file: str | None
) -> dict[str, object]:
    """What is to change in config.json for the server that the user names, checked there.

    Raises `ConfigError` for an address that must not be used, `UsageError` and `BackendError`
    for a key that is none.
    """
    if url is None and not api_key_stdin and api_key_file is None:
        return {}
    from confab_sync.cli.connecting import checked, client, key_given
    from confab_sync.config import load_config
    from confab_sync.errors import UsageError

    config = load_config(context.paths.config)
    url = (config.backend_url if url is None else url).rstrip("/")
    if not url:
        raise UsageError("name the server: confab setup --backend-url https://…")
    client(context, config, url, "").close()
    key = key_given(on_stdin=api_key_stdin, file=api_key_file)
    if key is None:
        return {"backend_url": url}  # without the key of another server: `write_config` sees to it
    checked(context, config, url, key)
    return {"backend_url": url, "api_key": key}


def settle_config(
    context: Context, changes: Mapping[str, object] | None = None
) -> tuple[Config, bool]:
    """Make sure that there is a private configuration file; whether that changed anything.

    What the user has written stays as it is, unknown keys and a Go CLI's login included,
    but for the keys in `changes`. Raises `ConfigError` for a file that cannot be used,
    `ConfabError` without a home.
    """
    from confab_sync.config import load_config, write_config
    from confab_sync.errors import ConfabError, ConfigError
    from confab_sync.paths import make_private_directory

    home, path = context.paths.home, context.paths.config
    if os.path.lexists(home) and not os.path.isdir(home):
        raise ConfabError(f"{home} is not a directory; move it away, then try again")
    try:
        make_private_directory(home, may_be_link=True)
    except OSError as error:
        raise ConfabError(f"{home} cannot be created: {error.strerror}") from error
    if not os.path.exists(path):
        return write_config(path, {**NEW_CONFIG, **(changes or {})}), True
    before = load_config(path)
    config = write_config(path, changes) if changes else before
    try:
        loose = bool(os.stat(path).st_mode & 0o077)
        if loose:
            os.chmod(path, 0o600)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made private: {error.strerror}") from error
    return config, loose or config.raw != before.raw


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
        from confab_sync.cli.connecting import key_prefix

        click.echo(f"  server    {printable(config.backend_url)}")
        if config.api_key:
            click.echo(f"            with the key that begins with {key_prefix(config.api_key)}")
        else:
            click.echo("            nothing is sent until you run `confab login`")
    click.echo(
        f"  secrets   {'are masked before' if config.masks else 'ARE NOT MASKED when'} "
        "they are copied"
    )
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
    from confab_sync.cli.importing import import_sessions, number_on_disk

    _remember_wish(context, wanted)
    if wanted is False:
        return
    number = number_on_disk(context)
    if number == 0:
        return
    there = f"{counted(number, 'session')} of Claude Code {'is' if number == 1 else 'are'} on disk"
    where = "in the store" if config.backend == "embedded" else "at the server"
    click.echo()
    if config.backend == "http" and not config.api_key and not config.bindings:
        click.echo(f"{there}; after `confab login`, `confab setup --import` sends them, too.")
        return
    if wanted is None:
        if not sys.stdin.isatty():
            click.echo(
                f"{there}; `confab setup --import` copies what is not {where} yet, now; the next"
                " session has it copied in the background."
            )
            return
        wanted = click.confirm(f"{there}. Copy what is not {where} yet?", default=True)
        _remember_wish(context, wanted)
    if wanted:
        import_sessions(context)


def _remember_wish(context: Context, wanted: bool | None) -> None:
    """Whether sessions from before now are to be archived at all: catching up asks later.

    Raises `ConfabError`.
    """
    from confab_sync.errors import ConfabError
    from confab_sync.presence import due

    since = context.paths.finisher.since
    try:
        if wanted is False and not os.path.lexists(since):
            due.put_off(since, context.clock().timestamp())
        elif wanted and os.path.lexists(since):
            os.unlink(since)
    except OSError as error:
        raise ConfabError(f"{since} cannot be written: {error.strerror}") from error
