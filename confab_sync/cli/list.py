"""`confab list`: the sessions there are, the newest first."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from confab_sync.cli.moments import Moment
from confab_sync.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType
    from rich.table import Table

    from confab_sync.claude.tally import Tally
    from confab_sync.cli.catalogue import Listed
    from confab_sync.cli.context import Context
    from confab_sync.redaction.discretion import Discretion

_MOMENT = Moment(lambda: datetime.now(UTC))


@click.command(
    short_help="List the sessions there are, archived or not, the newest first.",
    epilog="Example: confab list --project . --since 2w",
)
@click.option("--project", metavar="PATH", help="Only sessions in this directory or below it.")
@click.option("--since", type=_MOMENT, help="Only sessions that went on after that.")
@click.option("--until", type=_MOMENT, help="Only sessions that were over by then.")
@click.option("--branch", metavar="NAME", help="Only sessions on this branch.")
@click.option("--unsynced", is_flag=True, help="Only sessions that are not archived whole.")
@click.option("-n", "--limit", type=click.IntRange(0), default=20, show_default=True, metavar="N",
              help="At most so many; 0 for all.")  # fmt: skip
@json_option
@click.pass_obj
def command(
    context: Context,
    project: str | None,
    since: datetime | None,
    until: datetime | None,
    branch: str | None,
    unsynced: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List the sessions of this machine and of the store, the newest first.

    Those that were never archived are listed, too.
    """
    from functools import cache
    from itertools import islice

    from confab_sync.cli.catalogue import NOT_ARCHIVED, UNFINISHED, catalogue, described
    from confab_sync.cli.choosing import is_below
    from confab_sync.cli.tallies import tallies

    listed, problems = catalogue(context)

    @cache
    def discretion() -> Discretion:
        from confab_sync.engine.masked import configured_discretion  # most titles are stored ones

        return configured_discretion(context.paths)

    def mask(title: str) -> str:
        return discretion().text(title)

    def wanted() -> Iterator[Listed]:
        for found in listed:
            if (since and found.last < since) or (until and found.last > until):
                continue
            if unsynced and found.state not in (UNFINISHED, NOT_ARCHIVED):
                continue
            each = described(found, mask)
            if project is not None and not is_below(each.project, project):
                continue
            if branch is None or each.branch == branch:
                yield each

    chosen = list(islice(wanted(), limit or None))
    counted = tallies(context, chosen)
    if as_json:
        _print_json(chosen, counted, problems)
        return
    _print(context, chosen, counted, is_empty=not listed)
    for problem in problems:
        click.echo(f"confab: {problem}", err=True)


def _print(
    context: Context, chosen: Sequence[Listed], counted: Mapping[str, Tally], *, is_empty: bool
) -> None:
    from confab_sync.cli.screen import console

    if chosen:
        screen = console()
        if screen.is_narrow:
            screen.print(_one_below_the_other(chosen, context.clock()))
        else:
            table = _table(chosen, counted, context.clock(), screen.width)
            table.expand = screen.is_terminal  # the title gets what the others leave
            screen.print(table)
    elif is_empty:
        click.echo("There is no session of Claude Code on this machine yet.", err=True)
    else:
        click.echo("No session is like that.", err=True)


def _one_below_the_other(chosen: Sequence[Listed], now: datetime) -> RenderableType:
    from confab_sync.cli.screen import records
    from confab_sync.cli.status_table import age, short_id

    rows = [
        (
            short_id(each.id),
            " ".join(each.title.split()),
            os.path.basename(each.project.rstrip("/")) or each.project,
            age(each.last.isoformat(), now),
            each.state,
        )
        for each in chosen
    ]
    return records(("session", "title", "project", "when", "state"), rows)


def _table(
    chosen: Sequence[Listed], counted: Mapping[str, Tally], now: datetime, width: int
) -> Table:
    """As many columns as there is room for; the title takes what is left."""
    from rich.table import Table
    from rich.text import Text

    from confab_sync.claude.tally import Tally
    from confab_sync.cli.status_table import age, short_id, size
    from confab_sync.store.names import printable

    is_wide = width >= 100
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("session", "when", "project"):
        table.add_column(name, no_wrap=True, max_width=20 if width >= 80 else 12)
    if is_wide:
        table.add_column("branch", no_wrap=True, max_width=20)
        for name in ("turns", "tokens", "context"):
            table.add_column(name, justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("title", no_wrap=True, overflow="ellipsis", ratio=1)
    for each in chosen:
        tally = counted.get(each.id, Tally())
        name = os.path.basename(each.project.rstrip("/")) or each.project
        row = [short_id(each.id), age(each.last.isoformat(), now), name]
        if is_wide:
            row += [each.branch, f"{tally.turns:,}", _thousands(tally.input + tally.output)]
            row += [_thousands(tally.context)]
        row += [size(each.size), each.state, " ".join(each.title.split())]
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _thousands(count: int) -> str:
    """A count of tokens in few characters: `812`, `84k`, `1.3M`."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}M"


def _print_json(
    chosen: Sequence[Listed], counted: Mapping[str, Tally], problems: Sequence[str]
) -> None:
    import json

    from confab_sync.claude.tally import Tally

    sessions = []
    for each in chosen:
        tally = counted.get(each.id, Tally())
        sessions.append(
            {
                **asdict(each),
                "last": each.last.isoformat(),
                "turns": tally.turns,
                "input_tokens": tally.input,
                "output_tokens": tally.output,
                "context_tokens": tally.context,
                "model": tally.model,
            }
        )
    click.echo(json.dumps({"sessions": sessions, "problems": list(problems)}, indent=2))
