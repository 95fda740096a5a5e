"""What came of pushing sessions, put into words and into JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from confab_sync.cli.status_table import short_id
from confab_sync.cli.wording import counted
from confab_sync.errors import BackendError, ConfabError
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from confab_sync.engine.push import Pushed


@dataclass(slots=True)
class Outcome:
    """What came of each session, by its own id."""

    sent: dict[str, Pushed] = field(default_factory=dict)
    """Those that are there now as far as they can be, and what was new of them."""
    left: dict[str, str] = field(default_factory=dict)
    """Those that were left alone, and why."""
    gone: list[str] = field(default_factory=list)
    """Those that were deleted there since they were sent."""
    failed: dict[str, ConfabError] = field(default_factory=dict)
    not_tried: int = 0
    trouble: ConfabError | None = None
    """Why the rest was not tried."""
    masked: Counter[str] = field(default_factory=Counter)
    """Secrets that were not masked in the store, by type."""

    @property
    def exit_status(self) -> int:
        """0 when nothing that was asked for is missing there but what the user keeps back."""
        errors = [*filter(None, [self.trouble]), *self.failed.values()]
        if errors:
            return errors[0].exit_status
        problems = any(pushed.problems for pushed in self.sent.values())
        return BackendError.exit_status if problems else 0


def tell(outcome: Outcome, url: str, found: int) -> None:
    """Say what came of it: the sum on standard output, what went wrong on the other."""
    where = printable(url)
    sent = outcome.sent.values()
    lines = sum(each.lines for each in sent)
    side_files = sum(each.side_files for each in sent)
    click.echo(
        f"At {where} now: {len(sent):,} of {counted(found, 'session')}; sent:"
        f" {counted(lines, 'line')}, {counted(side_files, 'side file')}."
    )
    if outcome.masked:
        click.echo(f"Masked on the way: {_types(outcome.masked)}.")
    for note in _notes(outcome):
        click.echo(note)
    for name, why in outcome.left.items():
        click.echo(f"confab: {name}: left alone: {printable(why)}", err=True)
    for name, pushed in outcome.sent.items():
        for problem in pushed.problems:
            click.echo(f"confab: {name}: {printable(problem)}", err=True)
    for name, error in outcome.failed.items():
        click.echo(f"confab: {name}: {printable(str(error))}", err=True)
    if outcome.trouble is not None:
        click.echo(f"confab: {printable(str(outcome.trouble))}", err=True)
    if outcome.not_tried:
        click.echo(
            f"confab: {counted(outcome.not_tried, 'session')} not done; the same command goes on "
            "from here",
            err=True,
        )


def _notes(outcome: Outcome) -> list[str]:
    sent = outcome.sent.values()
    notes = []
    if number := sum(each.not_taken for each in sent):
        notes.append(f"Not taken by this server: {counted(number, 'file')} beside transcripts.")
    if number := sum(each.older for each in sent):
        notes.append(f"Of {counted(number, 'rewritten file')} only the newest content was sent.")
    if number := sum(each.replaced for each in sent):
        notes.append(f"A placeholder stands for {counted(number, 'line')} that the server refuses.")
    if number := sum(each.repaired for each in sent):
        notes.append(f"In {counted(number, 'line')} bytes that are not UTF-8 were replaced.")
    if outcome.gone:
        notes.append(
            f"Deleted there and not sent again: {', '.join(map(short_id, outcome.gone))};"
            " name one to send it anew."
        )
    return notes


def _types(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items()))


def print_json(outcome: Outcome, url: str) -> None:
    """Say it to programs, on standard output."""
    sessions: list[dict[str, object]] = [
        {
            "id": name,
            "outcome": "incomplete" if pushed.problems else "there",
            "lines": pushed.lines,
            "side_files": pushed.side_files,
            "replaced_lines": pushed.replaced,
            "repaired_lines": pushed.repaired,
            "not_taken": pushed.not_taken,
            "why": "; ".join(pushed.problems),
        }
        for name, pushed in outcome.sent.items()
    ]
    for kind, reasons in (
        ("left alone", outcome.left),
        ("deleted there", dict.fromkeys(outcome.gone, "")),
        ("failed", outcome.failed),
    ):
        sessions += [
            {"id": name, "outcome": kind, "why": str(why)} for name, why in reasons.items()
        ]
    told = {
        "server": url,
        "complete": outcome.exit_status == 0,
        "not_tried": outcome.not_tried,
        "trouble": str(outcome.trouble or ""),
        "masked": dict(outcome.masked),
        "sessions": sessions,
    }
    click.echo(json.dumps(told, indent=2))
