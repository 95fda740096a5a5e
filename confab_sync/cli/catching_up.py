"""What the finisher says of itself, and what is about to be deleted before it was archived."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.claude.directories import projects_dirs
from confab_sync.claude.discovery import newest, transcripts
from confab_sync.claude.retention import Retention
from confab_sync.cli import fields
from confab_sync.cli.overview import from_registry
from confab_sync.cli.views import CatchUpView
from confab_sync.cli.wording import counted
from confab_sync.engine.registry_rescue import moved_aside
from confab_sync.presence import finisher
from confab_sync.presence import state as states
from confab_sync.presence.wishes import settings_or_none, wishes_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from confab_sync.cli.context import Context
    from confab_sync.cli.views import Overview, SessionView
    from confab_sync.paths import FinisherPaths, Paths

WARNING_DAYS = 7
"""How many days before Claude Code deletes what is not archived that is said."""


def catch_up_view(paths: FinisherPaths) -> CatchUpView | None:
    """The finisher as it describes itself; None when it does not run."""
    if not finisher.is_running(paths):
        return None
    state = states.read(paths.state) or {}
    return CatchUpView(
        phase=fields.text(state, "phase") or "starting",
        done=fields.number(state, "done"),
        of=fields.number(state, "of"),
        session=fields.text(state, "current"),
        lines=fields.number(state, "lines"),
        last_error=fields.text(state, "last_error"),
        since=fields.text(state, "started_at"),
    )


def completed(context: Context, picture: Overview) -> Overview:
    """The picture with the finisher in it, and with what is deleted before it is archived."""
    retention = Retention()
    views = tuple(_with_deadline(view, retention) for view in picture.sessions)
    known, _ = from_registry(context.paths, lambda registry: registry.sessions())
    warnings = _warnings(context, views, {session.external_id for session in known}, retention)
    return replace(
        picture,
        sessions=views,
        problems=(*picture.problems, *warnings, *_registry_moved(context.paths)),
        catch_up=catch_up_view(context.paths.finisher),
    )


def _with_deadline(view: SessionView, retention: Retention) -> SessionView:
    """With the moment from which Claude Code may delete what is not archived, if anything."""
    if not view.behind_bytes:
        return view
    try:
        modified = os.lstat(view.transcript_path).st_mtime
        moment = retention.deadline(view.transcript_path, modified)
        stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OSError, OverflowError, ValueError):  # gone, or kept for ever
        return view
    return replace(view, deleted_from=stamp)


def _warnings(
    context: Context,
    views: Collection[SessionView],
    known: Collection[str],
    retention: Retention,
) -> tuple[str, ...]:
    """What is deleted soon although it is not archived, of `views` and of what is not `known`."""
    wishes = wishes_of(context.paths)
    bound = settings_or_none(context.paths).bound_directories
    roots = projects_dirs(context.environ, bound)
    moments = [
        datetime.fromisoformat(view.deleted_from).timestamp() for view in views if view.deleted_from
    ]
    moments += [
        retention.deadline(found.path, found.modified)
        for name, found in newest(transcripts(roots)).items()
        if name not in known and found.size and found.modified >= wishes.since(found.path)
    ]
    if not moments:
        return ()
    now = context.clock().timestamp()
    urgent = [moment for moment in moments if moment < now + WARNING_DAYS * 86400]
    if not urgent:
        return ()
    days = max(0, int((min(urgent) - now) // 86400))
    when = f"in {counted(days, 'day')}" if days else "any time now"
    return (
        f"Claude Code will delete {counted(len(urgent), 'session')} with unarchived data, the"
        f" first {when}; `confab save --all` archives now",
    )


def _registry_moved(paths: Paths) -> tuple[str, ...]:
    """That the registry was damaged, as long as what it was lies there."""
    return tuple(
        f"the registry was damaged and is now {aside}; a new one was begun, and that file can go"
        for aside in moved_aside(paths.registry)
    )
