"""Every session there is anything of, found in a fixed order of sources.

The registry knows what happened on this machine, the store what it holds, and the projects
directories of every known configuration directory of Claude Code what lies there now. Where
they say different things of a session, the later in this order only adds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.cli.choosing import title
from confab_sync.cli.knowing import EMBEDDED, known_sessions, stored_sessions
from confab_sync.cli.living import is_held
from confab_sync.cli.on_disk import on_disk
from confab_sync.presence import marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.claude.discovery import Transcript
    from confab_sync.cli.context import Context
    from confab_sync.engine.known import KnownSession
    from confab_sync.store.values import StoredSession

LIVE = "live"
ARCHIVED = "archived"
SAVED = "saved"
"""Archived, and Claude Code's own file is gone."""
UNFINISHED = "unfinished"
NOT_ARCHIVED = "not archived"
OFF = "off"
"""Not archived, and not to be: it was forgotten, is ignored, or was stopped."""

LOST = "lost"
"""It was archived, and the store has it no more: somebody has taken that away."""

SETTLED = timedelta(minutes=1)
"""How long after a session was last looked at its file may still have been written to."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One session; what is not known is empty. `size` is in bytes, `path` that on this disk."""

    id: str
    state: str
    last: datetime
    project: str = ""
    branch: str = ""
    title: str = ""
    size: int = 0
    backend: str = ""
    session_id: str = ""
    path: str = ""


def catalogue(context: Context) -> tuple[list[Listed], list[str]]:
    """All of them, the newest first, and what stood in the way of a whole picture.

    Raises `ConfigError` and `StoreError`.
    """
    sessions, trouble = known_sessions(context)
    known = {each.external_id: each for each in sessions}
    stored = {each.external_id: each for each in stored_sessions(context)}
    there = on_disk(context)
    found = [
        _listed(context, name, known.get(name), stored.get(name), there.get(name))
        for name in dict.fromkeys((*known, *stored, *there))
    ]
    problems = [str(trouble)] if trouble else []
    return sorted(found, key=lambda each: each.last, reverse=True), problems


def described(listed: Listed, mask: Callable[[str], str]) -> Listed:
    """The same with what only its own first lines tell, if nothing else did; its title masked."""
    if not listed.path or (listed.project and listed.title):
        return listed
    from confab_sync.claude.opening import FIRST_BYTES, opening  # of few sessions it is needed

    try:
        with open(listed.path, "rb") as stream:
            told = opening(stream.read(FIRST_BYTES))
    except OSError:  # gone meanwhile
        return listed
    return replace(
        listed,
        project=listed.project or told.directory,
        branch=listed.branch or told.branch,
        title=listed.title or mask(told.title),
    )


def _listed(
    context: Context,
    name: str,
    known: KnownSession | None,
    stored: StoredSession | None,
    there: Transcript | None,
) -> Listed:
    moments = [_modified(there)] if there else []
    if stored:
        moments.append(stored.last_message_at or stored.last_sync_at)
    elif known and not moments:  # when somebody last looked at it: an import looks at old ones
        moments.append(datetime.fromisoformat(known.last_seen))
    git = stored.git_info if stored and isinstance(stored.git_info, dict) else {}
    return Listed(
        id=name,
        state=_state(context, name, known, stored, there),
        last=max(moments),
        project=(known.cwd if known else "") or (stored.cwd or "" if stored else ""),
        branch=str(git.get("branch", "")),
        title=title(stored) if stored else "",
        size=max(there.size if there else 0, stored.bytes if stored else 0),
        backend=(known.backend if known else "") or (EMBEDDED if stored else ""),
        session_id=stored.session_id if stored else "",
        path=there.path if there else "",
    )


def _state(
    context: Context,
    name: str,
    known: KnownSession | None,
    stored: StoredSession | None,
    there: Transcript | None,
) -> str:
    if known is None and stored is None:
        return OFF if _is_kept_off(context, name) else NOT_ARCHIVED
    if is_held(context.paths.session(name)):
        return LIVE
    if stored is None and known is not None and known.finished and known.backend == EMBEDDED:
        return OFF if _is_kept_off(context, name) else LOST
    if known is not None:
        seen = datetime.fromisoformat(known.last_seen)
        has_grown = there is not None and _modified(there) > seen + SETTLED
        if not known.finished or has_grown:
            return UNFINISHED
    return ARCHIVED if there else SAVED


def _is_kept_off(context: Context, name: str) -> bool:
    """Whether it is not to be copied; what is only paused is copied later."""
    why = marker.reason(context.paths.session(name).off)
    return why is not None and not consent.is_pause(why)


def _modified(transcript: Transcript) -> datetime:
    return datetime.fromtimestamp(transcript.modified, UTC)
