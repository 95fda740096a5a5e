"""Checks of the background processes: none that is stuck, and no leftovers of dead ones."""

from __future__ import annotations

import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.living import is_held, living
from confab_sync.cli.wording import counted
from confab_sync.paths import PROVIDER
from confab_sync.presence import finisher, orphans, spawn
from confab_sync.presence import state as states
from confab_sync.process import Identity, is_alive, this_platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.cli.views import SessionView
    from confab_sync.process import Processes

OFFLINE = timedelta(hours=1)
"""How long a daemon may be without its backend before that is told."""

SHOWN = 8
"""Characters of an id, enough to name the session."""


def checks(context: Context) -> Iterator[Check]:
    """Every daemon that lives, and what those left that do not."""
    processes = this_platform()
    views = [view for view in living(context.paths) if view.running]
    trouble = [check for view in views for check in _trouble(context, view, processes)]
    yield from trouble
    if not trouble:
        found = f"{counted(len(views), 'daemon')}, none of them stuck" if views else "none runs now"
        yield Check("daemons", OK, found)
    yield from _finisher(context, processes)
    yield from _leftovers(context, processes)


def _finisher(context: Context, processes: Processes) -> Iterator[Check]:
    """The process that catches up, if it runs."""
    paths = context.paths.finisher
    if not finisher.is_running(paths):
        return
    state = states.read(paths.state) or {}
    known, trouble = Identity.from_json(state.get("daemon")), state.get("last_error")
    if known is not None and not is_alive(processes, known) and finisher.is_running(paths):
        found = f"process {known.pid} is gone, but somebody else holds its lock: nobody catches up"
        yield Check("catching up", FAIL, found, _who_holds(paths.lock))
    elif isinstance(trouble, str) and trouble:
        yield Check("catching up", WARN, trouble, "confab save --all")
    else:
        yield Check("catching up", OK, "goes on now")


def _who_holds(lock: str) -> str:
    """What to type to see which process holds a lock."""
    tool = "lsof" if sys.platform == "darwin" else "fuser -v"
    return f"{tool} {shlex.quote(lock)}"


def _trouble(context: Context, view: SessionView, processes: Processes) -> Iterator[Check]:
    paths, name = context.paths.session(view.id), f"daemon of {view.id[:SHOWN]}"
    state = states.read(paths.state)
    daemon = Identity.from_json((state or {}).get("daemon"))
    who = _who_holds(paths.lock)
    if state is None:
        found = "its lock is held, and there is no state that can be read: it cannot be asked"
        yield Check(name, FAIL, found, who)
    elif daemon is not None and not is_alive(processes, daemon) and is_held(paths):
        found = f"process {daemon.pid} is gone, but somebody else holds its lock"
        yield Check(name, FAIL, found, who)
    elif view.connection in ("offline", "error") and _age(context, view) > OFFLINE:
        why = view.last_error or view.connection
        since = view.last_error_at or view.started_at
        found = f"has not reached its backend since {since}: {why}"
        yield Check(name, WARN, found, f"confab sync status {view.id[:SHOWN]}")


def _age(context: Context, view: SessionView) -> timedelta:
    try:
        since = datetime.fromisoformat(view.last_error_at or view.last_online_at or view.started_at)
        return context.clock() - since
    except (ValueError, TypeError):
        return timedelta.max


def _leftovers(context: Context, processes: Processes) -> Iterator[Check]:
    directory = f"{context.paths.sync}/{PROVIDER}"
    dead = list(orphans.orphans(directory, PROVIDER, processes))
    if not dead:
        return

    def adopt() -> str:
        # In a process of its own: this one may have threads, and must not fork.
        subprocess.run(
            spawn.waking_command(at_once=True), env=dict(context.environ), check=False, timeout=10
        )
        return "let the process that catches up finish what dead daemons left"

    ids = ", ".join(paths.external_id[:SHOWN] for paths in dead[:3])
    found = f"{counted(len(dead), 'session')} left behind by daemons that died: {ids}"
    yield Check("dead daemons", WARN, found, "confab doctor --fix", adopt)
