"""`confab uninstall`: take confab out of Claude Code, and with `--purge` off the disk."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from confab_sync.cli.binding import config_dir_option, place_of, with_binding
from confab_sync.cli.terminal import say
from confab_sync.cli.wording import counted, short_path, size_in_words
from confab_sync.installer import remove_command

if TYPE_CHECKING:
    from confab_sync.cli.binding import Place
    from confab_sync.cli.context import Context
    from confab_sync.cli.purge import Belongings


@click.command(
    "uninstall",
    short_help="Remove the hooks and stop what runs; the copies stay.",
    epilog="Example: confab uninstall --purge",
)
@click.option("--purge", is_flag=True, help="Delete the copied sessions and all of ~/.confab, too.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@config_dir_option
@click.pass_obj
def command(context: Context, purge: bool, yes: bool, config_dir: str | None) -> None:
    """Remove the hooks and the launcher and stop what runs; the copies stay.

    Claude Code's settings are as they were before. With --purge the copies, the
    settings and the logs of confab are deleted after a question. What was sent to a
    server stays there.

    With --config-dir only that directory is let go: its hooks and its key go, and nothing of
    its sessions is sent anywhere any more.
    """
    place = place_of(context, config_dir)
    if place.directory:
        _let_go(context, place, purge=purge)
        return
    if purge:
        _refuse_while_served(context)
    if purge and not yes:
        _ask(context)
    remove_all_hooks(context)
    _stop(context)
    _remove_launcher(context)
    if purge:
        _purge(context)
    elif os.path.lexists(context.paths.store):
        store = short_path(context.paths.store, context.environ)
        say(f"Kept: the copies in {store}; `confab uninstall --purge` deletes them.")
    say(f"The program itself goes with `{remove_command()}`.")


def _let_go(context: Context, place: Place, *, purge: bool) -> None:
    """Take the hooks out of one configuration directory and end what copies its sessions.

    Its entry in config.json stays, without a backend: else its sessions would be taken for
    those of the default one.
    """
    from confab_sync.claude.directories import bound_directory
    from confab_sync.cli.hooks import backup_notes, installation
    from confab_sync.cli.living import living
    from confab_sync.cli.stopping import stop_sessions
    from confab_sync.config import change_config, load_config
    from confab_sync.errors import UsageError

    if purge:
        raise UsageError("--purge deletes the copies of all directories: leave out --config-dir")
    shown = short_path(place.settings_path, context.environ)
    if installation(context, place.settings_path).remove():
        click.echo(f"Hooks removed from {shown}.")
        for note in backup_notes(context, place.settings_path):
            click.echo(note)
    else:
        click.echo(f"There were no hooks of confab in {shown}.")
    own = [
        view.id
        for view in living(context.paths)
        if view.running
        and bound_directory(view.transcript_path, context.environ) == place.directory
    ]
    for _ in stop_sessions(context, own, wait=True):
        pass
    if not load_config(context.paths.config).bound_directories:
        return
    nothing: dict[str, object] = {"backend_url": "", "api_key": "", "embedded": None}
    change_config(context.paths.config, lambda config: with_binding(config, place, nothing))
    click.echo("Nothing of its sessions is sent any more; what was copied is kept.")


def remove_all_hooks(context: Context) -> None:
    """Take the hooks out of every settings file that they were added to.

    Raises `SettingsError`; the launcher must then stay, since hooks still call it.
    """
    from confab_sync.claude.installation import edited_settings
    from confab_sync.cli.hooks import backup_notes, installation, memory_path

    here = installation(context)
    others = [installation(context, path) for path in edited_settings(memory_path(context))]
    changed = []
    for hooks in {each.settings_path: each for each in (here, *others)}.values():
        if hooks.remove():
            changed.append(hooks.settings_path)
    for path in changed:
        click.echo(f"Hooks removed from {short_path(path, context.environ)}.")
        for note in backup_notes(context, path):
            click.echo(note)
    if not changed:
        where = short_path(here.settings_path, context.environ)
        click.echo(f"There were no hooks of confab in {where}.")


def _stop(context: Context) -> None:
    from confab_sync.cli.stopping import stop_all

    stop_all(context)


def _remove_launcher(context: Context) -> None:
    from confab_sync.cli import launcher
    from confab_sync.cli.hooks import launcher_path
    from confab_sync.errors import ConfabError

    path = launcher_path(context)
    if not launcher.is_launcher(path):
        return
    try:
        os.unlink(path)
        if not os.listdir(os.path.dirname(path)):
            os.rmdir(os.path.dirname(path))
    except OSError as error:
        raise ConfabError(f"{path} cannot be deleted: {error.strerror}") from error
    click.echo(f"Launcher removed: {short_path(path, context.environ)}.")


def _refuse_while_served(context: Context) -> None:
    """Raise `ConfabError` while `confab serve` has the copies: others may be sending to it."""
    from confab_sync.errors import ConfabError
    from confab_sync.server.instance import running_at

    running = running_at(context.paths.store)
    if running is not None:
        raise ConfabError(
            f"confab serve (process {running.get('pid')}) serves the copies; stop it first"
        )


def _ask(context: Context) -> None:
    """Name what will be deleted and get a yes. Raises `Abort`, `Exit` or `UsageError`."""
    from confab_sync.cli.asking import refuse_unless_agreed
    from confab_sync.cli.purge import belongings
    from confab_sync.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("--purge deletes the copies: add --yes to do that without a terminal")
    click.echo("This deletes, for good:")
    _list(context, belongings(context.paths))
    refuse_unless_agreed("Delete all of that?")


def _list(context: Context, found: Belongings) -> None:
    store = short_path(context.paths.store, context.environ)
    home = short_path(context.paths.home, context.environ)
    if found.store:
        click.echo(f"  {store}  the copied sessions, {size_in_words(found.store_size)}")
    files = counted(len(found.files), "file")
    click.echo(f"  {home}  settings, logs and state, {files}")
    outside = [path for path in found.files if not path.startswith(context.paths.home + "/")]
    for path in outside:
        click.echo(f"  {short_path(path, context.environ)}")


def _purge(context: Context) -> None:
    from confab_sync.cli.purge import belongings, delete

    found = belongings(context.paths)
    size = size_in_words(found.store_size)
    left = delete(found)
    store = short_path(context.paths.store, context.environ)
    home = short_path(context.paths.home, context.environ)
    if found.store:
        click.echo(f"Deleted: the copies in {store}, {size}.")
    if found.files:
        click.echo(f"Deleted: {counted(len(found.files), 'file')} of confab in {home}.")
    if not found.store and not found.files:
        click.echo("There was nothing to delete.")
    for path in left:
        click.echo(f"Kept, since it is not confab's: {short_path(path, context.environ)}")
