"""What the first bytes of a transcript tell of its session: enough to call it by a name."""

from __future__ import annotations

from dataclasses import dataclass

from confab_sync.claude.layout import TRANSCRIPT
from confab_sync.claude.metadata import chunk_metadata, working_directory

FIRST_BYTES = 256 * 1024
"""How much of a transcript is looked at."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A session's summary or first message, its directory and its branch; empty where not told."""

    title: str
    directory: str
    branch: str


def opening(head: bytes) -> Opening:
    """What `head`, the beginning of a transcript, tells."""
    told = chunk_metadata(TRANSCRIPT, head)
    git = told.git_info if isinstance(told.git_info, dict) else {}
    return Opening(
        told.summary or told.first_user_message or "",
        working_directory(head),
        str(git.get("branch", "")),
    )
