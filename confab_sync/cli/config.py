"""`confab config`: the settings in config.json, shown and changed one by one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from confab_sync.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.cli.context import Context
    from confab_sync.config import Config

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("config", epilog="Example: confab config list")
def group() -> None:
    """Show and change the settings, which are in config.json.

    KEY is a name with dots: log_level, redaction.enabled, send.hostname, … Daemons that run
    notice a change by themselves.
    """


@group.command(
    "list",
    short_help="Show every setting, and what holds where there is none.",
    epilog="Example: confab config list --json",
)
@_as_json
@click.pass_obj
def list_settings(context: Context, as_json: bool) -> None:
    """Show every setting that config.json has, and what holds where it has none.

    Of API keys only the beginning is shown.
    """
    from confab_sync.cli import dotted
    from confab_sync.config import load_config

    stated = dict(dotted.flat(load_config(context.paths.config).raw))
    settings = {**dotted.defaults(), **stated}
    if as_json:
        rows = {key: dotted.shown(value, key) for key, value in settings.items()}
        click.echo(json.dumps(rows, indent=2))
        return
    for key, value in sorted(settings.items()):
        default = "" if key in stated else "  (default)"
        click.echo(f"{json.dumps(key)[1:-1]} = {json.dumps(dotted.shown(value, key))}{default}")


@group.command("get", epilog="Example: confab config get redaction.enabled")
@click.argument("key")
@_as_json
@click.pass_obj
def get(context: Context, key: str, as_json: bool) -> None:
    """Print the setting KEY; of an API key only the beginning."""
    from confab_sync.cli import dotted
    from confab_sync.config import load_config

    raw = load_config(context.paths.config).raw
    try:
        value = dotted.found(raw, key)
    except KeyError:
        dotted.check_is_known(key)
        value = dotted.defaults().get(key)
    value = dotted.shown(value, key)
    plain = isinstance(value, str) and value.isprintable() and not as_json
    click.echo(value if plain else json.dumps(value))


@group.command("set", epilog="Example: confab config set redaction.enabled true")
@click.argument("key")
@click.argument("value")
@click.pass_obj
def set_setting(context: Context, key: str, value: str) -> None:
    """Change the setting KEY to VALUE, which is JSON or a bare word.

    Nothing is written that could not be used: a pattern that cannot be compiled is refused.
    API keys are not taken, because others on this machine can read what you type here: use
    `confab login`.
    """
    from confab_sync.cli import dotted

    meant = dotted.parsed(value)
    if dotted.holds_a_secret(key, meant):
        raise UsageError(
            "API keys are not taken from the command line, which others can see; "
            "use `confab login` or `confab login --api-key-stdin`"
        )
    dotted.check_is_known(key)
    if meant is None:
        raise UsageError(f"to go back to the default: confab config unset {key}")
    config = _change(context, key, meant)
    click.echo(f"{key} is now {json.dumps(meant)}.")
    if not config.masks:
        click.echo("Secrets are not masked any more, whatever the backend.", err=True)


@group.command(
    "unset",
    short_help="Remove a setting, so that the default holds.",
    epilog="Example: confab config unset log_level",
)
@click.argument("key")
@click.pass_obj
def unset(context: Context, key: str) -> None:
    """Remove the setting KEY from config.json, so that the default holds."""
    from confab_sync.cli import dotted
    from confab_sync.config import load_config

    try:
        dotted.found(load_config(context.paths.config).raw, key)
    except KeyError:
        dotted.check_is_known(key)
        click.echo(f"{key} is not set.")
        return
    _change(context, key, None)
    default = dotted.defaults().get(key)
    now = "" if default is None else f"; the default is {json.dumps(default)}"
    click.echo(f"{key} is not set any more{now}.")


def _change(context: Context, key: str, value: object) -> Config:
    """Write one setting, checked as daemons will check it; raises `ConfigError`.

    Patterns are checked while masking is off, too: it may be switched on again.
    """
    from confab_sync.cli import dotted
    from confab_sync.config import change_config, load_config
    from confab_sync.redaction.configured import masker_from

    top = key.partition(".")[0]

    def changes(config: Config) -> Mapping[str, object]:
        wanted: dict[str, Any] = dotted.changed(config.raw, key, value)
        if top == "redaction" and isinstance(wanted.get(top), dict):
            try:
                masker_from({**wanted[top], "enabled": True})
            except ConfigError as error:
                raise ConfigError(str(error)) from error
        return {top: wanted.get(top)}

    path = context.paths.config
    load_config(path)  # a file that cannot be used already is another matter
    try:
        return change_config(path, changes)
    except ConfigError as error:
        if isinstance(error.__cause__, OSError):  # the disk's fault, not the value's
            raise
        why = re.sub(rf"^{re.escape(path)}(, line \d+)?:? ", "", str(error))
        raise UsageError(f"nothing was changed: {why}") from error
