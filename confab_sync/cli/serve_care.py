"""`confab serve check`, `prune` and `backup`: the server's store, looked after while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from confab_sync.cli.options import json_option
from confab_sync.cli.store import backup_store, check_store, prune_store

if TYPE_CHECKING:
    from confab_sync.cli.context import Context


@click.command(
    "check",
    short_help="Say whether the store, of all users, is as it was written.",
    epilog="Example: confab serve check",
)
@json_option
@click.pass_obj
def check(context: Context, as_json: bool) -> None:
    """Read everything in the store, of all users, and say whether it is as it was written."""
    check_store(context, as_json=as_json)


@click.command(
    "prune",
    short_help="Remove old sessions of all users.",
    epilog="Example: confab serve prune --keep 400d --dry-run",
)
@click.option("--keep", metavar="AGE", required=True, help="Keep what is younger: 400d, 12w, 6h.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@json_option
@click.pass_obj
def prune(context: Context, keep: str, dry_run: bool, as_json: bool) -> None:
    """Remove the sessions, of all users, in which nothing has arrived for longer than AGE.

    `confab serve --keep AGE` does the same by itself, again and again.
    """
    prune_store(context, keep, dry_run=dry_run, as_json=as_json)


@click.command(
    "backup",
    short_help="Copy the store with users and hashes of keys to a file.",
    epilog="Example: confab serve backup /media/disk/confab.db",
)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@click.pass_obj
def backup(context: Context, file: str) -> None:
    """Write a copy of the store, with users and hashes of keys, to FILE, which must not exist.

    Sessions go on meanwhile, and the copy is of one moment. Put in the store's place, it is a
    store again.
    """
    backup_store(context, file)
