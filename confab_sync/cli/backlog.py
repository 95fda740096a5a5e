"""What is not archived yet, and when Claude Code may delete the first of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.claude.retention import Retention
from confab_sync.cli.catalogue import NOT_ARCHIVED, catalogue
from confab_sync.cli.living import kept_off
from confab_sync.cli.wording import counted
from confab_sync.presence.wishes import wishes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.cli.context import Context
    from confab_sync.cli.views import SessionView

SAVE = "confab save --all"
"""What to type to archive everything now."""

SOON = timedelta(days=7)
"""How long before Claude Code deletes what is not archived that is told."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Sessions of which something is not archived, and the `bytes` of it.

    `never` counts those of which confab has nothing at all, `left_out` those of them that the
    user did not want at setup, which are no backlog. `deadlines` are the moments, in
    seconds since the epoch and in order, from which Claude Code may delete one of either.
    """

    sessions: int = 0
    bytes: int = 0
    never: int = 0
    left_out: int = 0
    deadlines: tuple[float, ...] = ()

    def soon(self, now: float) -> int:
        """How many are deleted within `SOON` of `now`, unless they are archived."""
        return sum(moment < now + SOON.total_seconds() for moment in self.deadlines)

    def first_in_words(self, now: float) -> str:
        """When the first is deleted: `in 5 days`, `any time now`; empty when none is."""
        if not self.deadlines:
            return ""
        days = int((self.deadlines[0] - now) // 86400)
        return f"in {counted(days, 'day')}" if days > 0 else "any time now"


def backlog(context: Context, views: Iterable[SessionView]) -> Backlog:
    """The backlog of the sessions in `views`, and of those on disk that confab has nothing of.

    What the user wants not to be copied is none. Raises `ConfigError` and `StoreError`.
    """
    off = {name for name, why in kept_off(context.paths).items() if not consent.is_pause(why)}
    wishes = wishes_of(context.paths)  # older ones the user did not want
    behind = [
        view
        for view in views
        if view.behind_bytes
        and view.id not in off
        and not wishes.wants_nothing(view.transcript_path)
    ]
    listed = catalogue(context)[0]
    never = [each for each in listed if each.state == NOT_ARCHIVED and each.id not in off]
    never = [each for each in never if each.size]
    unwanted = [each for each in never if each.last.timestamp() < wishes.since(each.path)]
    never = [each for each in never if each not in unwanted]
    retention = Retention()
    paths = [view.transcript_path for view in behind] + [each.path for each in never]
    moments = (_deadline(retention, path) for path in paths)
    return Backlog(
        sessions=len(behind),
        bytes=sum(view.behind_bytes for view in behind),
        never=len(never),
        left_out=len(unwanted),
        deadlines=tuple(sorted(moment for moment in moments if moment is not None)),
    )


def _deadline(retention: Retention, path: str) -> float | None:
    try:
        return retention.deadline(path, os.lstat(path).st_mtime)
    except (OSError, ValueError):  # gone already
        return None
