"""Offering to import the sessions that were on disk before `confab setup`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from confab_sync.cli.binding import bound
from confab_sync.cli.terminal import say
from confab_sync.cli.wording import counted

if TYPE_CHECKING:
    from confab_sync.cli.binding import Place
    from confab_sync.cli.context import Context
    from confab_sync.config import Config


def offer_import(context: Context, config: Config, place: Place, wanted: bool | None) -> None:
    """Import the sessions on disk if the user wants that; ask only in a terminal."""
    from confab_sync.cli.asking import agreed
    from confab_sync.cli.importing import import_sessions, number_on_disk

    _remember_wish(context, place, wanted)
    if wanted is False:
        return
    roots = [f"{place.directory}/projects"] if place.directory else None
    target = bound(config, place)
    number = number_on_disk(context, roots)
    if number == 0:
        return
    there = f"{counted(number, 'session')} of Claude Code {'is' if number == 1 else 'are'} on disk"
    where = "in the store" if target.embedded else "at the server"
    again = f"confab setup --import{place.option}"
    click.echo()
    needs_login = not target.embedded and not target.api_key
    if needs_login and (place.directory or not config.bindings):
        say(f"{there}; after `confab login{place.option}`, `{again}` sends them, too.")
        return
    if wanted is None:
        if not sys.stdin.isatty():
            later = "; the next session has it copied in the background"
            if _is_unwanted(context, place):
                later = ""
            say(f"{there}; `{again}` copies what is not {where} yet, now{later}.")
            return
        on_disk = there.replace(" of Claude Code", "")  # one line of 80 columns
        wanted = agreed(f"{on_disk}. Copy what is not {where} yet?", default=True)
        _remember_wish(context, place, wanted)
    if wanted:
        import_sessions(context, roots)


def _is_unwanted(context: Context, place: Place) -> bool:
    """Whether sessions from before now are left alone, since `--no-import` was said once."""
    from confab_sync.presence import wishes

    return os.path.lexists(wishes.place(context.paths.finisher, place.directory))


def _remember_wish(context: Context, place: Place, wanted: bool | None) -> None:
    """Whether sessions from before now are to be archived at all: catching up asks later.

    Raises `ConfabError`.
    """
    from confab_sync.errors import ConfabError
    from confab_sync.presence import due, wishes

    since = wishes.place(context.paths.finisher, place.directory)
    try:
        if wanted is False and not os.path.lexists(since):
            due.put_off(since, context.clock().timestamp())
        elif wanted and os.path.lexists(since):
            os.unlink(since)
    except OSError as error:
        raise ConfabError(f"{since} cannot be written: {error.strerror}") from error
