"""Stopping daemons for the user: off until the next SessionStart."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.cli.living import is_held, living
from confab_sync.presence import finisher, inbox, marker, session
from confab_sync.presence import state as states
from confab_sync.process import this_platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.cli.context import Context

PATIENCE = 35.0
"""Seconds to wait for a daemon: its own budget for the final sync, and a little more."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What came of stopping one session."""

    external_id: str
    outcome: str
    is_left: bool = False


def running(context: Context) -> list[str]:
    """The ids of all sessions that have a daemon of ours."""
    return [view.id for view in living(context.paths) if view.running]


def stop_sessions(
    context: Context,
    ids: Iterable[str],
    *,
    wait: bool,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Stopped]:
    """Ask the daemons of `ids` to finish, all at once, then say of each what happened.

    With `wait` that is when they have gone, or `PATIENCE` has run out for all together.
    """
    asked = [(external_id, _ask(context, external_id)) for external_id in ids]
    deadline = clock() + PATIENCE
    for external_id, outcome in asked:
        if outcome is not None:
            yield outcome
            continue
        paths = context.paths.session(external_id)
        while wait and is_held(paths) and clock() < deadline:
            pause(0.05)
        if not is_held(paths):
            yield Stopped(external_id, "stopped; off until Claude Code starts this session again")
        elif wait:
            yield Stopped(external_id, f"still there after {PATIENCE:.0f} s", is_left=True)
        else:
            yield Stopped(external_id, "stopping; off until Claude Code starts this session again")


def stop_all(context: Context) -> None:
    """Stop every daemon, and the finisher; wait until they have gone, as far as they do."""
    for _ in stop_sessions(context, running(context), wait=True):
        pass
    finisher.stop(context.paths.finisher, this_platform())


def keep_off(context: Context, external_id: str, reason: str) -> None:
    """Let nobody copy the session any more; a daemon that does leaves without a final sync.

    Raises `OSError` when that cannot be put on record.
    """
    paths = context.paths.session(external_id)
    session.make_session_directory(paths)
    marker.put(paths.off, reason)
    if is_held(paths):
        record = {"type": inbox.STOP, "at_once": True, "timestamp": states.timestamp()}
        session.announce(paths, record)
        session.nudge(paths, this_platform())


def _ask(context: Context, external_id: str) -> Stopped | None:
    """Put the request on record and wake the daemon; an outcome if there is none to wake."""
    paths = context.paths.session(external_id)
    processes = this_platform()
    if session.foreign_daemon(paths, processes) is not None:
        outcome = "looked after by the Go CLI; stop it there"
        return Stopped(external_id, outcome, is_left=True)
    try:
        # First of all, so that no hook starts the next daemon when this one has just gone.
        if not consent.is_refusal(marker.reason(paths.off) or ""):
            marker.put(paths.off, marker.STOPPED)
        if not is_held(paths):
            return Stopped(external_id, "was not running; off until Claude Code starts it again")
        session.announce(paths, {"type": inbox.STOP, "timestamp": states.timestamp()})
    except OSError as error:
        return Stopped(external_id, f"cannot be stopped: {error}", is_left=is_held(paths))
    session.nudge(paths, processes)
    return None
