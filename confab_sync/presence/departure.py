"""A daemon's last act: give its session up, unless somebody has spoken meanwhile.

Under the inbox's lock, which every writer takes, so a record is either seen here or its
writer sees a free session and starts a new daemon (design, "Ownership and spawning").
"""

from __future__ import annotations

import os

from confab_sync.presence import inbox
from confab_sync.presence.lock import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.paths import SessionPaths


def leave(paths: SessionPaths, lock: int, seen: int) -> bool:
    """Remove state, lock and inbox and close `lock`; False when the inbox has grown.

    `seen` is the size in bytes up to which the inbox was read. On False nothing was
    changed and the daemon goes on. Raises `OSError` if the inbox cannot be opened.
    """
    guard = inbox.open_for_departure(paths.inbox)
    try:
        if os.fstat(guard).st_size > seen:
            return False
        _remove(paths.state)
        # The lock goes before the inbox: whoever appends after us must find it free.
        _remove(paths.lock)
        os.close(lock)
        _remove(paths.inbox)
        return True
    finally:
        os.close(guard)


def let_go(paths: SessionPaths, lock: int, seen: int) -> None:
    """Leave nothing behind, except what a hook has said beyond byte `seen` of the inbox."""
    try:
        gone = leave(paths, lock, seen)
    except OSError:  # an inbox that cannot be opened: the lock goes back all the same
        gone = False
    if not gone:
        os.close(lock)


def abandon(paths: SessionPaths, lock: int) -> None:
    """Remove state, lock and inbox on the way out of an unexpected error, if they are ours.

    `lock` is the descriptor of the lock; where it is not the session's any more, somebody
    else owns the files. Whatever else fails is passed over; the end of the process gives up
    the lock itself.
    """
    try:
        if not names(paths.lock, lock):
            return
        guard = inbox.open_for_departure(paths.inbox)
    except OSError:
        return
    for path in (paths.state, paths.lock, paths.inbox):
        _remove(path)
    os.close(guard)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
