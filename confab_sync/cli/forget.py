"""`confab forget`: one session less, here and at its server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id
from confab_sync.cli.options import json_option
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.cli.forgetting import Removed
    from confab_sync.cli.remains import Copy, Remains


@click.command(
    "forget",
    short_help="Remove every copy of a session, and never copy it again.",
    epilog="Example: confab forget 1f3a",
)
@click.argument("wanted", metavar="ID", shell_complete=complete_id)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def command(context: Context, wanted: str, *, yes: bool, as_json: bool) -> int:
    """Remove every copy of the session whose id starts with ID, and never copy it again.

    Its background process is stopped without sending what is left; the copy in the store is
    deleted with all its versions, the copy at a server where that allows it. Claude Code's
    own files stay. The exit status is 6 if a copy is left.
    """
    from confab_sync.cli.forgetting import forget
    from confab_sync.cli.remains import remains

    there = remains(context, wanted)
    if not yes:
        _ask(context, there)
    removed = forget(context, there)
    if as_json:
        _print_json(there, removed)
    else:
        _tell(context, there, removed)
    errors = [each.error for each in removed if each.error is not None]
    return errors[0].exit_status if errors else 0


def _ask(context: Context, there: Remains) -> None:
    """Name what will go and get a yes. Raises `Abort`, `Exit` or `UsageError`."""
    from confab_sync.cli.asking import refuse_unless_agreed

    if not sys.stdin.isatty():
        raise UsageError("this deletes copies: add --yes to do that without a terminal")
    click.echo(f"Of the session {there.external_id} this deletes, for good:", err=True)
    for copy in there.copies:
        click.echo(f"  {_copy(context, copy)}", err=True)
    if there.has_daemon:
        click.echo("  its background process, which stops without sending the rest", err=True)
    if there.is_registered or there.logs:
        click.echo("  its log, and what the registry knows of it", err=True)
    if not (there.copies or there.has_daemon or there.is_registered or there.logs):
        click.echo("  nothing, since there is no copy; it will not be copied, either", err=True)
    click.echo(_untouched(context, there), err=True)
    refuse_unless_agreed("Forget it?", err=True)


def _tell(context: Context, there: Remains, removed: list[Removed]) -> None:
    from confab_sync.store.names import printable

    for each in removed:
        copy = _copy(context, each.copy)
        if each.error is not None:
            click.echo(f"confab: still there: {copy}: {printable(str(each.error))}", err=True)
        elif each.was_there:
            click.echo(f"Deleted: {copy}.")
        else:
            click.echo(f"Gone already: {copy}.")
    click.echo(f"The session {there.external_id} will not be copied again.")
    click.echo(_untouched(context, there))


def _copy(context: Context, copy: Copy) -> str:
    from confab_sync.cli.session_source import EMBEDDED
    from confab_sync.cli.wording import counted, short_path, size_in_words
    from confab_sync.store.names import printable

    if copy.backend != EMBEDDED:
        return f"the copy at {printable(copy.backend)} (session {printable(copy.session_id)})"
    store = printable(short_path(context.paths.store, context.environ))
    return f"the copy in {store}, {counted(copy.files or 0, 'file')}, " + size_in_words(
        copy.bytes or 0
    )


def _untouched(context: Context, there: Remains) -> str:
    from confab_sync.cli.wording import short_path
    from confab_sync.store.names import printable

    if not there.transcript_path:
        return "Claude Code's own file is not touched; it is not there any more."
    path = printable(short_path(there.transcript_path, context.environ))
    return f"Claude Code's own file is not touched: {path}"


def _print_json(there: Remains, removed: list[Removed]) -> None:
    import json

    copies = [
        {
            "backend": each.copy.backend,
            "session_id": each.copy.session_id,
            "outcome": "left" if each.error else "deleted" if each.was_there else "gone already",
            "error": str(each.error or ""),
        }
        for each in removed
    ]
    told = {
        "external_id": there.external_id,
        "copies": copies,
        "logs": list(there.logs),
        "untouched": there.transcript_path,
    }
    click.echo(json.dumps(told, indent=2))
