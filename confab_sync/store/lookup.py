"""Finds the one session that an id, or the beginning of one, stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from confab_sync.errors import AmbiguousSession, SessionNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.store.values import StoredSession


class Named(Protocol):
    """A session with its two ids."""

    @property
    def external_id(self) -> str:
        """The assistant's."""

    @property
    def session_id(self) -> str:
        """The backend's."""


Match = TypeVar("Match", bound=Named)


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
    return the_one(matches, prefix)


def the_one(matches: Sequence[Match], wanted: str) -> Match:
    """The only session that what a person `wanted` can mean.

    Raises `SessionNotFound` when there is none and `AmbiguousSession` when there are several,
    which are told by their external ids as far as those differ.
    """
    if not matches:
        raise SessionNotFound(wanted)
    if len(matches) > 1:
        ids = [session.external_id for session in matches]
        raise AmbiguousSession(
            wanted,
            [s.external_id if ids.count(s.external_id) == 1 else s.session_id for s in matches],
        )
    return matches[0]
