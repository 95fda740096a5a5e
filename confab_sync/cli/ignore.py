"""`confab ignore`: the directories whose sessions are never copied."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from confab_sync.cli.terminal import say
from confab_sync.cli.wording import short_path
from confab_sync.consent import absolute
from confab_sync.errors import UsageError
from confab_sync.paths import MARKER_FILE
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.cli.context import Context
    from confab_sync.config import Config


@click.command("ignore", epilog="Example: confab ignore ~/work/secret")
@click.argument("path", required=False)
@click.option("--list", "listing", is_flag=True, help="Show the directories that are ignored.")
@click.option("--remove", metavar="PATH", help="Copy the sessions of this directory again.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON.")
@click.pass_obj
def command(
    context: Context, path: str | None, listing: bool, remove: str | None, as_json: bool
) -> int:
    """Never copy the sessions of a directory and of all below it.

    A session counts by the directory it was started in, and by the one it works in when you
    send a prompt. Background processes that copy such a session are stopped at once and send
    nothing more. A file named .confabignore in a directory does the same.
    """
    if [path is not None, listing, remove is not None].count(True) != 1:
        raise UsageError("name one directory ('.' for this one), or give --list or --remove PATH")
    if as_json and not listing:
        raise UsageError("--json goes with --list")
    if listing:
        _show(context, as_json=as_json)
        return 0
    if remove is not None:
        _remove(context, remove)
        return 0
    return _add(context, path or "")


def _add(context: Context, path: str) -> int:
    from confab_sync.cli.halting import halt_refused, tell_halted
    from confab_sync.config import change_config, load_config

    rule = _rule(context, path)
    if os.path.lexists(rule) and not os.path.isdir(rule):
        raise UsageError(f"{printable(rule)} is not a directory")
    known = rule in _rules(load_config(context.paths.config))
    change_config(
        context.paths.config,
        lambda config: {"ignore": list(dict.fromkeys((*_rules(config), rule)))},
    )
    told = "Ignored already" if known else "Ignored from now on"
    click.echo(f"{told}: {_shown(context, rule)}, and all below.")
    if not os.path.isdir(rule):
        click.echo("There is no such directory now; it counts as soon as there is.")
    halted = halt_refused(context)
    tell_halted(halted)
    click.echo("What was archived of it before stays; `confab forget ID` removes it.")
    return 0 if halted.is_complete else 1


def _remove(context: Context, path: str) -> None:
    from confab_sync.cli.resuming import see_to_it
    from confab_sync.config import change_config
    from confab_sync.consent import refusal

    rule = _rule(context, path)

    def remove(config: Config) -> Mapping[str, object]:
        rules = _rules(config)
        kept = [each for each in rules if not _is_same(each, rule)]
        if len(kept) == len(rules):
            raise UsageError(f"{printable(rule)} is not on the list; see confab ignore --list")
        return {"ignore": kept or None}

    config = change_config(context.paths.config, remove)
    still = refusal({"ignore": _rules(config)}, [rule], context.clock().timestamp())
    if still is not None:
        click.echo(f"Taken from the list: {_shown(context, rule)}. It is still {printable(still)}")
        return
    click.echo(f"Not ignored any more: {_shown(context, rule)}.")
    see_to_it(context)
    say(
        "Its sessions are copied from their next prompt on, with all that is on disk; those that "
        "have ended as soon as a hook of any session runs."
    )


def _show(context: Context, *, as_json: bool) -> None:
    from confab_sync.config import load_config

    rules = _rules(load_config(context.paths.config))
    if as_json:
        listed = [{"path": rule, "exists": os.path.isdir(rule)} for rule in rules]
        click.echo(json.dumps({"ignore": listed, "marker_file": MARKER_FILE}, indent=2))
        return
    for rule in rules:
        click.echo(_shown(context, rule) + ("" if os.path.isdir(rule) else "  (not there now)"))
    if not rules:
        click.echo("No directory is on the list.")
    click.echo(f"Ignored as well: every directory with a file named {MARKER_FILE}, and all below.")


def _rule(context: Context, path: str) -> str:
    from confab_sync.paths import user_home

    if not path or "\0" in path:
        raise UsageError("an empty path names no directory")
    try:
        return absolute(path, os.getcwd(), user_home(context.environ))
    except FileNotFoundError:
        raise UsageError("this directory is gone; name the one to ignore in full") from None


def _rules(config: Config) -> list[str]:
    return list(config.raw.get("ignore") or ())


def _is_same(rule: str, other: str) -> bool:
    return rule == other or os.path.realpath(rule) == os.path.realpath(other)


def _shown(context: Context, rule: str) -> str:
    return printable(short_path(rule, context.environ))
