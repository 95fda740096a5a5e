"""`confab store`: look after the embedded store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from confab_sync.cli.wording import span
from confab_sync.errors import StoreDamaged, UsageError
from confab_sync.presence import marker
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from confab_sync.cli.context import Context
    from confab_sync.store.store import Store
    from confab_sync.store.values import StoredSession


@click.group("store")
def group() -> None:
    """Look after the embedded store, where sessions are kept."""


@group.command("check", epilog="Example: confab store check")
@click.pass_obj
def check(context: Context) -> None:
    """Read everything in the store and say whether it is as it was written."""
    check_store(context)


@group.command("prune", epilog="Example: confab store prune --keep 400d --dry-run")
@click.option("--keep", metavar="AGE", required=True, help="Keep what is younger: 400d, 12w, 6h.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.pass_obj
def prune(context: Context, keep: str, dry_run: bool) -> None:
    """Remove the sessions in which nothing has arrived for longer than AGE."""
    prune_store(context, parse_age(keep), dry_run=dry_run)


@group.command("backup", epilog="Example: confab store backup /media/disk/confab.db")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@click.pass_obj
def backup(context: Context, file: str) -> None:
    """Write a copy of the store to FILE, which must not exist, while sessions go on.

    The copy is a store itself: put in the store's place, it is one again.
    """
    from confab_sync.cli.wording import size_in_words
    from confab_sync.store.store import Store

    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        size = store.backup(file)
    click.echo(f"The store is copied to {file} ({size_in_words(size)}).")


def check_store(context: Context) -> None:
    """Print one sentence when all is well; else every problem, and raise `StoreDamaged`."""
    from confab_sync.store.store import Store

    path = context.paths.store
    with Store.open(path, clock=context.clock, create=False) as store:
        problems = store.check()
        size = store.size()
    for problem in problems:
        click.echo(f"{problem.where}: {problem.what}")
    if problems:
        raise StoreDamaged(
            f"the store {path} has {_count(len(problems), 'problem')}; restore it from a backup, "
            "or move it away to begin a new one"
        )
    click.echo(
        f"The store {path} is sound: {_count(size.sessions, 'session')}, "
        f"{_count(size.files + size.side_files, 'file')}, {size.raw_bytes} bytes of content "
        f"in {size.disk_bytes} bytes on disk."
    )


def prune_store(context: Context, age: timedelta, *, dry_run: bool) -> None:
    """Remove the sessions that are older than `age`, and print what happened."""
    from confab_sync.store.store import Store

    try:
        limit = context.clock() - age
    except OverflowError:
        raise UsageError("--keep reaches back to before the first year") from None
    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        sessions = {session.session_id: session for session in store.sessions()}
        names = {key: session.external_id for key, session in sessions.items()}
        kept_off = {} if dry_run else _keep_off(context, store, limit, sessions)
        pruned = store.prune(limit, dry_run=dry_run)
    for session_id in kept_off.keys() - {*pruned.session_ids}:  # it came to life meanwhile
        marker.clear(kept_off[session_id])
    if not pruned.session_ids:
        click.echo("Nothing to remove: every session is younger than that.")
        return
    for session_id in pruned.session_ids:
        click.echo(printable(names.get(session_id, session_id)))
    verb = "Would remove" if dry_run else "Removed"
    click.echo(f"{verb} {_count(len(pruned.session_ids), 'session')} ({pruned.freed_bytes} bytes).")


def _keep_off(
    context: Context, store: Store, limit: datetime, sessions: Mapping[str, StoredSession]
) -> dict[str, str]:
    """Keep those that will be pruned from being copied anew; their markers.

    What is neither on disk nor looked after by a daemon cannot come back.
    """
    from confab_sync.claude.layout import on_disk
    from confab_sync.cli.living import is_held
    from confab_sync.cli.remains import is_ours
    from confab_sync.cli.stopping import keep_off

    kept_off = {}
    for session_id in store.prune(limit, dry_run=True).session_ids:
        session = sessions.get(session_id)
        if session is None or not is_ours(session):
            continue
        paths = context.paths.session(session.external_id)
        if marker.reason(paths.off) is not None:
            continue
        if is_held(paths) or os.path.lexists(on_disk(session.transcript_path)):
            keep_off(context, session.external_id, marker.DELETED)
            kept_off[session_id] = paths.off
    return kept_off


def parse_age(text: str) -> timedelta:
    """The span of time that `30d`, `12w` or `6h` stands for; raises `UsageError` for others."""
    age = span(text, "hdw")
    if not age:
        raise UsageError(f"'{text}' is not an age; write a number and h, d or w, such as 400d")
    return age


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
