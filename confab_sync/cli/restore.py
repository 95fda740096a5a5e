"""`confab restore`: a session back where Claude Code finds it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id
from confab_sync.cli.options import json_option

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.cli.restoring import Restored


@click.command(
    short_help="Put a session back where `claude --resume` finds it.",
    epilog="Example: confab restore 1f3a --to ~/work/app",
)
@click.argument("session_id", metavar="ID", shell_complete=complete_id)
@click.option(
    "--to",
    "directory",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="The project's directory on this machine, if it is not where it was.",
)
@json_option
@click.pass_obj
def command(context: Context, session_id: str, directory: str | None, as_json: bool) -> None:
    """Put the session whose id starts with ID back, so that `claude --resume` goes on with it.

    Also after Claude Code has deleted it, or on another machine. Its subagents and side files
    come with it; nothing is overwritten. Secrets stay masked.
    """
    from confab_sync.claude.directories import bound_directory
    from confab_sync.cli.restoring import restore
    from confab_sync.cli.wording import counted, short_path
    from confab_sync.store.names import printable

    restored = restore(context, session_id, directory)
    if as_json:
        _print_json(restored)
        return
    where = printable(short_path(restored.transcript_path, context.environ))
    click.echo(f"Restored {counted(len(restored.files), 'file')} to {where}.")
    if restored.masks:
        click.echo(f"{counted(restored.masks, 'secret')} in it stay masked, as archived.")
    click.echo("Go on with it:")
    click.echo(f"    cd {printable(shlex.quote(restored.cwd))}")
    directory = bound_directory(restored.transcript_path, context.environ)
    setting = f"CLAUDE_CONFIG_DIR={printable(shlex.quote(directory))} " if directory else ""
    click.echo(f"    {setting}claude --resume {restored.external_id}")


def _print_json(restored: Restored) -> None:
    import json
    from dataclasses import asdict

    click.echo(json.dumps(asdict(restored), indent=2))
