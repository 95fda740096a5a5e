"""`confab statusline`: how to have the state of a session in Claude Code's status line."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from confab_sync.cli.context import Context


@click.command(
    short_help="Say how to see in Claude Code's status line that all is saved.",
    epilog="Example: confab statusline",
)
@click.pass_obj
def command(context: Context) -> None:
    """Say how to show in Claude Code's status line whether a session is saved.

    The line comes from the launcher alone, in a few milliseconds: `confab: saved`, `saving`,
    `offline, saved later`, `not saved` or `not copied`. To add it to a line of your own, hand
    the launcher what Claude Code hands to you.
    """
    line = f"{shlex.quote(context.paths.launcher)} statusline"
    click.echo("Add this to ~/.claude/settings.json:\n")
    click.echo(json.dumps({"statusLine": {"type": "command", "command": line}}, indent=2)[2:-2])
