"""`confab store`: look after the embedded store."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from confab_sync.cli.options import json_option
from confab_sync.errors import StoreDamaged
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from confab_sync.cli.context import Context


@click.group("store", epilog="Example: confab store check")
def group() -> None:
    """Look after the embedded store, where sessions are kept."""


@group.command(
    "check",
    short_help="Say whether the store is as it was written.",
    epilog="Example: confab store check",
)
@json_option
@click.pass_obj
def check(context: Context, as_json: bool) -> None:
    """Read everything in the store and say whether it is as it was written."""
    check_store(context, as_json=as_json)


@group.command(
    "prune",
    short_help="Remove old sessions.",
    epilog="Example: confab store prune --keep 400d --dry-run",
)
@click.option("--keep", metavar="AGE", required=True, help="Keep what is younger: 400d, 12w, 6h.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@json_option
@click.pass_obj
def prune(context: Context, keep: str, dry_run: bool, as_json: bool) -> None:
    """Remove the sessions in which nothing has arrived for longer than AGE."""
    prune_store(context, keep, dry_run=dry_run, as_json=as_json)


@group.command(
    "backup",
    short_help="Copy the store to a file, while sessions go on.",
    epilog="Example: confab store backup /media/disk/confab.db",
)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@click.pass_obj
def backup(context: Context, file: str) -> None:
    """Write a copy of the store to FILE, which must not exist, while sessions go on.

    The copy is a store itself: put in the store's place, it is one again.
    """
    backup_store(context, file)


def backup_store(context: Context, file: str) -> None:
    """Write the copy, and print how large it is."""
    from confab_sync.cli.wording import size_in_words
    from confab_sync.store.store import Store

    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        size = store.backup(file)
    click.echo(f"The store is copied to {printable(file)} ({size_in_words(size)}).")


def check_store(context: Context, *, as_json: bool) -> None:
    """Print one sentence when all is well; else every problem, and raise `StoreDamaged`."""
    from confab_sync.cli.terminal import say
    from confab_sync.cli.wording import counted, short_path, size_in_words
    from confab_sync.store.store import Store

    path = context.paths.store
    with Store.open(path, clock=context.clock, create=False) as store:
        problems = store.check()
        size = store.size()
    if as_json:
        found = {"path": path, "problems": [asdict(problem) for problem in problems]}
        click.echo(json.dumps({**found, **asdict(size)}, indent=2))
    else:
        for problem in problems:
            click.echo(printable(f"{problem.where}: {problem.what}"))
    if problems:
        raise StoreDamaged(
            f"the store {path} has {counted(len(problems), 'problem')}; restore it from a backup, "
            "or move it away to begin a new one"
        )
    if not as_json:
        shown = short_path(path, context.environ)
        say(
            f"The store {shown} is sound: {counted(size.sessions, 'session')}, "
            f"{counted(size.files + size.side_files, 'file')}, "
            f"{size_in_words(size.raw_bytes)} of content in {size_in_words(size.disk_bytes)} "
            "on disk."
        )


def prune_store(context: Context, keep: str, *, dry_run: bool, as_json: bool) -> None:
    """Remove the sessions that are older than the age `keep`, and print what happened."""
    from confab_sync.cli.pruning import limit_of, parse_age, prune
    from confab_sync.cli.wording import counted, size_in_words
    from confab_sync.store.store import Store

    limit = limit_of(context, parse_age(keep))
    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        sessions = {session.session_id: session for session in store.sessions()}
        names = {key: session.external_id for key, session in sessions.items()}
        if dry_run:
            pruned = store.prune(limit, dry_run=True)
        else:
            pruned = prune(context, store, limit, sessions)
    gone = [names.get(session_id, session_id) for session_id in pruned.session_ids]
    if as_json:
        said = {"dry_run": dry_run, "sessions": gone, "freed_bytes": pruned.freed_bytes}
        click.echo(json.dumps(said, indent=2))
        return
    if not gone:
        click.echo("Nothing to remove: every session is younger than that.")
        return
    for external_id in gone:
        click.echo(printable(external_id))
    verb = "Would remove" if dry_run else "Removed"
    freed = size_in_words(pruned.freed_bytes)
    click.echo(f"{verb} {counted(len(gone), 'session')} ({freed}).")
