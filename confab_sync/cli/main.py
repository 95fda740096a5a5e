"""The command `confab`: its groups, each imported only when it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from confab_sync import __version__

if TYPE_CHECKING:
    from confab_sync.cli.context import Context

COMMANDS = {
    "setup": ("confab_sync.cli.setup", "command"),
    "sync": ("confab_sync.cli.sync", "group"),
    "save": ("confab_sync.cli.save", "command"),
    "status": ("confab_sync.cli.status", "command"),
    "doctor": ("confab_sync.cli.doctor", "command"),
    "list": ("confab_sync.cli.list", "command"),
    "show": ("confab_sync.cli.show", "command"),
    "open": ("confab_sync.cli.open", "command"),
    "search": ("confab_sync.cli.search", "command"),
    "restore": ("confab_sync.cli.restore", "command"),
    "export": ("confab_sync.cli.export", "command"),
    "push": ("confab_sync.cli.push", "command"),
    "ignore": ("confab_sync.cli.ignore", "command"),
    "pause": ("confab_sync.cli.pause", "pause"),
    "resume": ("confab_sync.cli.pause", "resume"),
    "session": ("confab_sync.cli.session", "group"),
    "forget": ("confab_sync.cli.forget", "command"),
    "store": ("confab_sync.cli.store", "group"),
    "serve": ("confab_sync.cli.serve", "group"),
    "login": ("confab_sync.cli.login", "command"),
    "logout": ("confab_sync.cli.login", "logout"),
    "redact": ("confab_sync.cli.redact", "command"),
    "config": ("confab_sync.cli.config", "group"),
    "hooks": ("confab_sync.cli.hooks", "group"),
    "events": ("confab_sync.cli.events", "command"),
    "statusline": ("confab_sync.cli.statusline", "command"),
    "completion": ("confab_sync.cli.completion", "command"),
    "demo": ("confab_sync.cli.demo", "command"),
    "uninstall": ("confab_sync.cli.uninstall", "command"),
}
"""Command name to the module and attribute that hold it, in the order `--help` shows."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is looked up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, most useful first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command `cmd_name`, or return None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        found: Any = getattr(importlib.import_module(module), attribute)
        assert isinstance(found, click.Command)  # noqa: S101
        return found


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `confab setup`; see what is archived with `confab sync status`.",
)
@click.version_option(__version__, prog_name="confab")
@click.pass_obj
def cli(context: Context) -> None:
    """Keep a complete, private copy of every Claude Code session, live."""
    from confab_sync.cli.guarding import tell_of_exposures

    tell_of_exposures(context)
