"""`confab save`: archive what is not archived yet, by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.cli.context import Context
    from confab_sync.cli.saving import Savings
    from confab_sync.daemon.candidate import Candidate

PATIENCE = "60s"
"""How long `--wait` waits for living daemons."""


@click.command(
    "save",
    short_help="Archive now what is not archived yet.",
    epilog="Example: confab save --all --wait",
)
@click.argument("wanted", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every session on this machine.")
@click.option("--dry-run", is_flag=True, help="Say what would be archived, and do nothing.")
@click.option("--wait", is_flag=True, help="Wait for the sessions that have a daemon.")
@click.option(
    "--limit", metavar="TIME", help=f"With --wait: no longer than this, {PATIENCE} by default."
)
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what came of each session.")
@click.pass_obj
def command(
    context: Context,
    wanted: tuple[str, ...],
    *,
    everything: bool,
    dry_run: bool,
    wait: bool,
    limit: str | None,
    as_json: bool,
) -> int:
    """Archive what is not archived yet of sessions that have no daemon.

    It may be interrupted at any time; what was acknowledged is not sent again. The exit
    status is 0 only when everything asked for is archived; with --all, sessions that you
    keep from being copied are not asked for.
    """
    if everything == bool(wanted):
        raise UsageError("name the sessions to save, or give --all")
    patience = _patience(limit, wait=wait)
    candidates = _all(context) if everything else _named(context, wanted)
    if dry_run:
        _list(candidates, as_json=as_json)
        return 0
    from confab_sync.cli.saving import save_sessions, tell

    savings = save_sessions(
        context, candidates, label="Saving sessions", patience=patience, silent=as_json
    )
    complete = savings.is_all_done if everything else savings.is_complete
    if as_json:
        click.echo(json.dumps(_told(savings, complete=complete), indent=2))
    else:
        tell(savings, len(candidates), "Saved")
    return 0 if complete else 1


def _patience(limit: str | None, *, wait: bool) -> float:
    from confab_sync.claude.end_wait import seconds

    if limit is not None and not wait:
        raise UsageError("--limit says how long to --wait")
    patience = seconds(limit or PATIENCE)
    if patience is None:
        raise UsageError(f"'{limit}' is no time; write 90s, 2m or a number of seconds")
    return patience if wait else 0.0


def _all(context: Context) -> list[Candidate]:
    """Everything that something may be missing of, sessions with a daemon included."""
    from confab_sync.cli.saving import machine_of
    from confab_sync.daemon.unfinished import unfinished

    return unfinished(machine_of(context), _complain, free_only=False)


def _named(context: Context, wanted: Sequence[str]) -> list[Candidate]:
    """The sessions that start like this, whatever the registry says of them.

    Raises `SessionNotFound` and `AmbiguousSession`.
    """
    from confab_sync.cli.saving import machine_of
    from confab_sync.daemon.unfinished import every
    from confab_sync.errors import AmbiguousSession, SessionNotFound

    known = {each.external_id: each for each in every(machine_of(context), _complain)}
    chosen: dict[str, Candidate] = {}
    for prefix in wanted:
        found = (
            [prefix]
            if prefix in known
            else [name for name in known if prefix and name.startswith(prefix)]
        )
        if not found:
            raise SessionNotFound(prefix)
        if len(found) > 1:
            raise AmbiguousSession(prefix, sorted(found))
        chosen[found[0]] = known[found[0]]
    return sorted(chosen.values(), key=lambda each: each.deadline)


def _list(candidates: Sequence[Candidate], *, as_json: bool) -> None:
    if as_json:
        rows = [{"id": each.external_id, "path": each.transcript_path} for each in candidates]
        click.echo(json.dumps({"sessions": rows}, indent=2))
        return
    from confab_sync.cli.wording import counted
    from confab_sync.store.names import printable

    click.echo(f"Would save {counted(len(candidates), 'session')}.")
    for each in candidates:
        click.echo(f"{each.external_id[:8]}  {printable(each.transcript_path)}")


def _told(savings: Savings, *, complete: bool) -> dict[str, object]:
    return {
        "complete": complete,
        "not_tried": savings.not_tried,
        "sessions": [
            {
                "id": each.external_id,
                "outcome": each.fate.value,
                "lines": each.lines,
                "behind_bytes": each.behind,
                "why": str(each.error or each.reason or ""),
            }
            for each in savings.results.values()
        ],
    }


def _complain(error: Exception) -> None:
    from confab_sync.store.names import printable

    click.echo(f"confab: {printable(str(error))}", err=True)
