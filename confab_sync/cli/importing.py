"""Archiving the sessions that were on disk before confab came: `confab save` of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.discovery import newest, transcripts
from confab_sync.cli.saving import machine_of, save_sessions, tell
from confab_sync.daemon.unfinished import every
from confab_sync.errors import ConfabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.cli.context import Context


def number_on_disk(context: Context, roots: Sequence[str] | None = None) -> int:
    """How many sessions lie below `roots`, by default all known projects directories."""
    return len(newest(transcripts(roots or machine_of(context).projects_dirs())))


def import_sessions(context: Context, roots: Sequence[str] | None = None) -> None:
    """Archive all of them, with a progress bar.

    Those that have a daemon are left to it, those that are kept off are left alone. Raises
    `ConfabError` for what would stop all of them.
    """
    complaints: dict[str, None] = {}
    found = newest(transcripts(roots or machine_of(context).projects_dirs()))
    candidates = [
        each
        for each in every(machine_of(context), lambda error: complaints.setdefault(str(error)))
        if each.external_id in found
    ]
    savings = save_sessions(context, candidates, label="Importing sessions")
    savings.complaints.update(complaints)
    if savings.trouble is not None:
        raise ConfabError(
            f"the import stopped: {savings.trouble}; run it again later"
        ) from savings.trouble
    tell(savings, len(found), "Imported")
