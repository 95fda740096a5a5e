"""Finds the one session that an id, or the beginning of one, stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import AmbiguousSession, SessionNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.store.values import StoredSession


def find(sessions: Sequence[StoredSession], prefix: str) -> StoredSession:
    """The session whose external or public id starts with `prefix`.

    An id that is the whole of `prefix` wins over longer ones. Public ids match in either case.
    Raises `SessionNotFound` when there is none and `AmbiguousSession` when there are several.
    """
    if not prefix:
        raise SessionNotFound(prefix)
    public = prefix.lower()
    matches = [s for s in sessions if prefix == s.external_id or public == s.session_id]
    if not matches:
        matches = [
            session
            for session in sessions
            if session.external_id.startswith(prefix) or session.session_id.startswith(public)
        ]
    if not matches:
        raise SessionNotFound(prefix)
    if len(matches) > 1:
        ids = [session.external_id for session in matches]
        raise AmbiguousSession(
            prefix,
            [s.external_id if ids.count(s.external_id) == 1 else s.session_id for s in matches],
        )
    return matches[0]
