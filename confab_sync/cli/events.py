"""`confab events`: what happened to sessions, as JSON lines that programs can follow."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confab_sync.cli.context import Context
    from confab_sync.engine.known import Event

INTERVAL = 1.0
"""Seconds between two looks at the registry's files; it is only read when one has changed."""

MOST = 10_000
"""As many events as the registry keeps."""


@click.command(
    short_help="Print what happened to sessions, one JSON object a line.",
    epilog="Example: confab events --follow",
)
@click.option("--follow", is_flag=True, help="Stay, and print what happens until Ctrl-C.")
@click.option(
    "--last",
    metavar="N",
    type=click.IntRange(0, MOST),
    default=100,
    show_default=True,
    help="How many of the events that there were.",
)
@click.pass_obj
def command(context: Context, follow: bool, last: int) -> None:
    """Print what happened to sessions, one JSON object a line, oldest first.

    `event` is one of: seen (for the first time), started, online, offline, error, caught up,
    stopped, refused, ended; `detail` says why. The last 10,000 events are kept.
    """
    for event in followed(context, last) if follow else read(context, last):
        click.echo(as_line(event))


def as_line(event: Event) -> str:
    """One event as JSON in ASCII, so that nothing in it can steer a terminal."""
    return json.dumps(
        {
            "number": event.number,
            "at": event.at,
            "event": event.event,
            "session": event.external_id,
            "provider": event.provider,
            "detail": event.detail,
        }
    )


def read(context: Context, last: int, *, after: int = 0) -> list[Event]:
    """The newest `last` events after number `after`; none without a registry.

    Raises `RegistryError`.
    """
    from contextlib import closing

    from confab_sync.cli.knowing import opened_registry

    if not last or not os.path.exists(context.paths.registry):
        return []
    with closing(opened_registry(context)) as registry:
        return registry.events(last, after=after)


def followed(
    context: Context, last: int, pause: Callable[[float], None] = time.sleep
) -> Iterator[Event]:
    """The newest `last` events and then, for ever, each one that is added.

    A registry that is begun anew is followed from its first event. Raises `RegistryError`.
    """
    look: tuple[object, ...] = ()
    number, wanted, is_shown = 0, max(last, 1), last > 0
    while True:
        seen = _look(context.paths.registry)
        if seen == look:
            pause(INTERVAL)
            continue
        if seen[:1] != look[:1]:  # another file: its numbers begin again
            number = 0
        events = read(context, wanted, after=number)
        if _look(context.paths.registry)[:1] != seen[:1]:
            continue  # it was begun while it was read: nobody knows whose events these are
        look = seen
        number = events[-1].number if events else number
        yield from events if is_shown else ()
        wanted, is_shown = MOST, True


def _look(path: str) -> tuple[object, ...]:
    """What changes when something is written to the registry; first which file it is."""
    found: list[object] = []
    for name in (path, path + "-wal"):
        try:
            status = os.stat(name)
        except OSError:
            found += [None, None]
            continue
        found += [(status.st_dev, status.st_ino), (status.st_size, status.st_mtime_ns)]
    return tuple(found)
