"""What the pages call sessions, projects and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.visible import STEERING
from confab_sync.server.views import repository

if TYPE_CHECKING:
    from confab_sync.store.values import StoredSession

LONGEST = 200
"""Characters of a title."""


def plain(text: str) -> str:
    """`text` on one line, without what steers terminals or turns the direction of writing."""
    return " ".join(STEERING.sub(" ", text).split())


def title_of(session: StoredSession) -> str:
    """What a session is about: its summary, else how it began; empty when nothing is known."""
    return plain(session.summary or session.first_user_message or "")[:LONGEST]


def project_of(session: StoredSession) -> str:
    """Where a session was: its repository, else the last two parts of its directory."""
    found = repository(session.git_info)
    if found:
        return plain(found.rpartition(":")[2])  # of git@host:owner/name the last part
    return plain("/".join((session.cwd or "").rstrip("/").split("/")[-2:]))
