"""Telling the person at the terminal what others could reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from confab_sync.cli.wording import counted, short_path
from confab_sync.privacy import insecure_parents, tighten
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.paths import Paths

SHOWN = 5
"""Lines, after which only the number of the others is told."""


def tell_of_exposures(context: Context) -> None:
    """Take the rights of others from what is confab's, and say so on stderr, a line for each.

    Before every command, so that whichever comes first tells of it.
    """
    over = [each for each in tighten(context.paths) if each.is_over]
    for exposure in over[:SHOWN]:
        path = printable(short_path(exposure.path, context.environ))
        click.echo(f"confab: {path} {exposure.what}", err=True)
    if len(over) > SHOWN:
        click.echo(f"confab: so were {counted(len(over) - SHOWN, 'other file')}", err=True)


def lasting_exposures(paths: Paths) -> tuple[str, ...]:
    """What is open to others and cannot be changed from here, in words."""
    left = [each for each in tighten(paths) if not each.is_over]
    return tuple(str(each) for each in (*left, *insecure_parents(paths)))
