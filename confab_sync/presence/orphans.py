"""Sessions whose daemon is provably dead and has left its state or inbox behind."""

from __future__ import annotations

import os

from confab_sync.paths import SessionPaths
from confab_sync.presence import lock
from confab_sync.presence import state as states
from confab_sync.presence.session import foreign_daemon
from confab_sync.process import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.process import Processes


def orphans(directory: str, provider: str, processes: Processes) -> Iterator[SessionPaths]:
    """The abandoned sessions below `directory`, in the order of their ids.

    A state whose daemon lived in another pid namespace is nobody's to judge here, unless
    the lock is free and the boot it belongs to is over.
    """
    for external_id in known_sessions(directory):
        paths = SessionPaths(directory, provider, external_id)
        if not _held(paths) and _is_dead(paths, processes):
            yield paths


def known_sessions(directory: str) -> list[str]:
    """The ids of all sessions with a state or an inbox in `directory`, sorted."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    found = set()
    for name in names:
        for suffix in (".inbox.jsonl", ".json"):
            if name.endswith(suffix):
                found.add(name.removesuffix(suffix))
                break
    return sorted(filter(_is_id, found))


def _is_id(name: str) -> bool:
    """Whether a hook could have made a file of this name (contract §4.10)."""
    plain = name.replace("-", "a").replace("_", "a")
    return plain.isascii() and plain.isalnum()


def _held(paths: SessionPaths) -> bool:
    try:
        return lock.is_held(paths.lock)
    except OSError:
        return True


def _is_dead(paths: SessionPaths, processes: Processes) -> bool:
    state = states.read(paths.state)
    if state is None:
        return True
    if foreign_daemon(paths, processes) is not None:
        return False
    daemon = Identity.from_json(state.get("daemon"))
    if daemon is None or daemon.boot != processes.boot:
        return True
    return daemon.namespace == processes.namespace
