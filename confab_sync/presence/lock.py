"""The exclusive lock whose holder is the session's daemon.

A held lock is liveness: the kernel gives it up when the last process that has the open
file ends, and nothing else does. A taker proves after locking that the path still names
the file it locked, so a leaving daemon may remove it.
"""

from __future__ import annotations

import fcntl
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 0.05
"""Seconds a taker goes on trying while only a reader's probe is in the way."""

LOCK_FD = 3
"""The descriptor number under which a daemon inherits its lock."""


def take(
    path: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> int | None:
    """Take the lock at `path`; None when somebody else holds it.

    Returns an open descriptor that is closed on exec. Raises `OSError` when the file
    cannot be opened or its file system has no locks: no lock, no daemon.
    """
    deadline = clock() + PATIENCE
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        is_locked = False
        try:
            is_locked = _try(descriptor, fcntl.LOCK_EX)
            is_mine = is_locked and names(path, descriptor)
        except OSError:
            os.close(descriptor)
            raise
        if is_mine:
            return descriptor
        os.close(descriptor)
        if is_locked:  # the file of a daemon that left meanwhile
            continue
        if is_held(path) or clock() > deadline:
            return None
        pause(0.001)


def is_held(path: str) -> bool:
    """Whether a daemon (or the hook about to start one) holds the lock.

    Probes with a shared lock that is dropped at once. Raises `OSError` only for what
    should never be, such as a directory in the lock's place.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def becomes_free(
    path: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether the lock of a dead daemon is free within `PATIENCE`.

    The kernel gives it up a few milliseconds after a kill, once the last thread has ended.
    """
    deadline = clock() + PATIENCE
    while is_held(path):
        if clock() > deadline:
            return False
        pause(0.001)
    return True


def confirm(
    path: str,
    descriptor: int,
    *,
    patience: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether the lock that this process inherited on `descriptor` is really held.

    On file systems where a descriptor does not carry the lock (NFS) it is taken here,
    as soon as the hook has let go; `patience` says how many seconds that may take.
    """
    deadline = clock() + patience
    while True:
        try:
            if not names(path, descriptor):
                return False
            if _try(descriptor, fcntl.LOCK_EX):
                return True
        except OSError:
            return False
        if clock() > deadline:
            return False
        pause(0.01)


def names(path: str, descriptor: int) -> bool:
    """Whether `path` still names the file that is open on `descriptor`."""
    mine = os.fstat(descriptor)
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
