"""A notice for the next session's start that is left although its reason has gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.cli.checks.check import WARN, Check
from confab_sync.presence import notice, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context


def stale_notice(context: Context, about: str, found: str, done: str) -> Iterator[Check]:
    """The notice `about` something, if there is one; `found` and `done` say so in words."""
    told = state.read(context.paths.notice)
    subject = str((told or {}).get("about") or "")
    if subject != about and not subject.startswith(f"{about} of "):  # of one directory's backend
        return

    def settle() -> str:
        notice.settle(context.paths, subject)
        return done

    yield Check("notice", WARN, found, "confab doctor --fix", settle)
