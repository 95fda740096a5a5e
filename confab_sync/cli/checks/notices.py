"""Notices for the next session's start that are left although their reason has gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.cli.checks.check import WARN, Check
from confab_sync.presence import notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context


def stale_notice(context: Context, about: str, found: str, done: str) -> Iterator[Check]:
    """The notices `about` something, if there are any; `found` and `done` say so in words."""
    stale = [
        subject
        for subject in notice.subjects(context.paths)
        if subject == about or subject.startswith(f"{about} of ")  # of one directory's backend
    ]
    if not stale:
        return

    def settle() -> str:
        for subject in stale:
            notice.settle(context.paths, subject)
        return done

    yield Check("notice", WARN, found, "confab doctor --fix", settle)
