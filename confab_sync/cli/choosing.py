"""What several commands need to choose among archived sessions and to call one by a name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.store.search import is_in

if TYPE_CHECKING:
    from confab_sync.store.values import StoredSession

LONGEST_TITLE = 200
"""Characters of a first message that stand for a title."""


def is_below(directory: str, project: str) -> bool:
    """Whether `directory` is `project`, a path or the name of a directory, or lies in it."""
    return any(is_in(directory, place) for place in places_of(project))


def places_of(project: str) -> tuple[str, ...]:
    """What a project that a person names may be called: absolute paths, or the name itself."""
    if "/" not in project and project not in (".", "..", "~"):
        return (project,)
    wanted = os.path.abspath(os.path.expanduser(project))
    return tuple(dict.fromkeys((wanted, os.path.realpath(wanted))))


def title(session: StoredSession) -> str:
    """What the session is about: its summary, else how it began."""
    text = session.summary or session.first_user_message or ""
    return " ".join(text.split())[:LONGEST_TITLE]
