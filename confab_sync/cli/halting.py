"""Making everybody who copies heed at once what the user has just decided."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from confab_sync import consent
from confab_sync.cli.living import is_held
from confab_sync.cli.stopping import PATIENCE, running
from confab_sync.presence import finisher, inbox, session
from confab_sync.presence import state as states
from confab_sync.presence.life import fold
from confab_sync.process import this_platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.cli.context import Context
    from confab_sync.paths import SessionPaths


@dataclass(frozen=True, slots=True)
class Halted:
    """How many daemons have left, and the ids of the sessions whose daemons have not.

    `still_catching_up` says that the process that finishes other sessions has not left.
    """

    gone: int = 0
    left: tuple[str, ...] = ()
    still_catching_up: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing is copied any more that is not to be."""
        return not self.left and not self.still_catching_up


def halt_refused(
    context: Context,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
    wake: Callable[[], None] | None = None,
) -> Halted:
    """Wake the daemons of sessions of which nothing may be copied now; wait until they leave.

    Each decides for itself, by config.json as it is; the others are not disturbed. The
    finisher is ended, whatever it is doing: what is not acknowledged is not done. Unless
    everything is paused, `wake` starts another, which knows what the user wants now.
    """
    settings = consent.read_settings(context.paths.config)
    now = context.clock().timestamp()
    place = context.paths.finisher
    was_catching_up = finisher.is_running(place)
    still_catching_up = not finisher.stop(place, this_platform(), clock=clock, pause=pause)
    concerned = [
        paths
        for paths in map(context.paths.session, running(context))
        if consent.refusal(settings, _directories(paths), now) is not None
    ]
    for paths in concerned:
        session.nudge(paths, this_platform())
    deadline = clock() + PATIENCE
    while (left := [paths for paths in concerned if is_held(paths)]) and clock() < deadline:
        pause(0.02)
    if was_catching_up and consent.pause(settings, now) is None:
        (wake or partial(_wake, context))()
    gone = len(concerned) - len(left)
    return Halted(gone, tuple(paths.external_id for paths in left), still_catching_up)


def tell_halted(halted: Halted) -> None:
    """Say how many background processes have left, and which have not."""
    if halted.gone:
        several = "" if halted.gone == 1 else "es"
        click.echo(f"Stopped: {halted.gone} background process{several}.")
    for external_id in halted.left:
        click.echo(f"{external_id[:8]}  not stopped: its background process does not answer")
    if halted.still_catching_up:
        click.echo("Not stopped: catching up, which does not answer")


def _wake(context: Context) -> None:
    try:
        finisher.spawn_waker(context.environ, at_once=True)
    except OSError:  # it is due, and the next hook tries
        pass


def _directories(paths: SessionPaths) -> set[str]:
    """Where the session is known to have worked."""
    try:
        directories = fold(inbox.read(paths.inbox)[0]).directories
    except OSError:
        directories = set()
    cwd = (states.read(paths.state) or {}).get("cwd")
    return directories | {cwd} if isinstance(cwd, str) else directories
