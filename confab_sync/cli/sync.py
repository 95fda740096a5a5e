"""`confab sync`: what is archived now, and how to stop it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.cli.views import Overview

WATCH_SECONDS = 1.0


@click.group(epilog="Example: confab sync status")
def group() -> None:
    """See what is archived now, and stop it."""


@group.command(
    epilog="Example: confab sync status --watch",
    short_help="What is archived, what is not, and why.",
)
@click.argument("wanted", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("--all", "everything", is_flag=True, help="Also the sessions that are finished.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, described in docs/status.md.")
@click.option("--watch", is_flag=True, help="Stay, and show what changes until Ctrl-C.")
@click.pass_obj
def status(
    context: Context, wanted: str | None, *, everything: bool, as_json: bool, watch: bool
) -> None:
    """Show every daemon, and every session of which something is not archived.

    With an ID, or any unique beginning of one, show that session and its files.
    """
    if watch and as_json:
        raise UsageError("--watch is for people, --json for programs: choose one")
    if watch:
        _watch(context, wanted, everything=everything)
        return
    overview = _overview(context, wanted, everything=everything)
    if as_json:
        click.echo(json.dumps(asdict(overview), indent=2))
        return
    from confab_sync.cli.screen import console
    from confab_sync.cli.status_table import is_wide, render

    screen = console()
    detailed = wanted is not None
    now, wide, narrow = context.clock(), is_wide(screen), screen.is_narrow
    screen.print(render(overview, detailed=detailed, now=now, wide=wide, narrow=narrow))


@group.command(
    epilog="Example: confab sync stop --all --wait", short_help="Stop archiving a session."
)
@click.argument("wanted", metavar="[ID]...", nargs=-1, shell_complete=complete_id)
@click.option("--all", "everything", is_flag=True, help="Every session that has a daemon.")
@click.option("--wait", is_flag=True, help="Return when the daemons have gone.")
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what came of each session.")
@click.pass_obj
def stop(
    context: Context, wanted: tuple[str, ...], *, everything: bool, wait: bool, as_json: bool
) -> int:
    """Stop archiving sessions until Claude Code starts them again.

    What is written so far is still sent. The exit status is 1 if a daemon is left.
    """
    from confab_sync.cli.stopping import running, stop_sessions

    if everything == bool(wanted):
        raise UsageError("name the sessions to stop, or give --all")
    from confab_sync.cli.on_disk import on_disk
    from confab_sync.cli.overview import resolve
    from confab_sync.store.names import printable

    if everything:
        ids = running(context)
    else:
        # A prompt would start the daemon of a session that nothing but its transcript tells of.
        ids = [resolve(context.paths, name, lambda: on_disk(context)) for name in wanted]
    if not ids and not as_json:
        click.echo("No session is being archived now.")
    results = []
    for stopped in stop_sessions(context, ids, wait=wait):
        results.append(stopped)
        if not as_json:
            click.echo(f"{stopped.external_id[:8]}  {printable(stopped.outcome)}")
    if as_json:
        rows = [
            {"id": each.external_id, "outcome": each.outcome, "is_left": each.is_left}
            for each in results
        ]
        click.echo(json.dumps({"sessions": rows}, indent=2))
    return 1 if any(each.is_left for each in results) else 0


@group.command(
    epilog="Claude Code calls `confab hook session-start`; a person has no need of this.",
    short_help="The old name of the session-start hook.",
    hidden=True,
)
@click.option("--provider", default="claude-code")
def start(provider: str) -> None:
    """Say that this is a hook: with a payload on stdin it does not come here."""
    raise UsageError(
        "`confab sync start` is the old name of the session-start hook and expects its payload"
        f" on stdin ({provider}); `confab setup` makes Claude Code call the hook"
    )


def _overview(context: Context, wanted: str | None, *, everything: bool) -> Overview:
    from confab_sync.cli.catching_up import completed
    from confab_sync.cli.overview import overview, resolve

    only = "" if wanted is None else resolve(context.paths, wanted)
    return completed(context, overview(context.paths, everything=everything, only=only))


def _watch(context: Context, wanted: str | None, *, everything: bool) -> None:
    from rich.live import Live

    from confab_sync.cli.screen import console
    from confab_sync.cli.status_table import is_wide, render

    screen = console()
    with Live(console=screen, refresh_per_second=4, screen=False) as live:
        while True:
            overview = _overview(context, wanted, everything=everything)
            detailed = wanted is not None
            now, wide, narrow = context.clock(), is_wide(screen), screen.is_narrow
            live.update(render(overview, detailed=detailed, now=now, wide=wide, narrow=narrow))
            time.sleep(WATCH_SECONDS)
