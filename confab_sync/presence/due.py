"""When unfinished sessions should be looked for again: one small file whose time says so.

Its modification time is the moment before which there is nothing to do; it holds how often
in a row the backend has failed, and is empty when nothing waits: for a backend, or for the
end of a line. Hooks look at it each time, so looking is one `stat`.
"""

from __future__ import annotations

import os

from confab_sync.paths import make_private_directory

LONGEST = 8 * 3600.0
"""Seconds: a moment further away than this was written by a clock that was wrong."""


def is_due(path: str, now: float, *, eager: bool = False) -> bool:
    """Whether the moment has come (`now`: seconds since the epoch); it has when no file is there.

    With `eager` also when something waits, however lately that was looked at.
    """
    try:
        status = os.stat(path)
    except OSError:
        return True
    if eager and status.st_size:
        return True
    return not now < status.st_mtime <= now + LONGEST


def moment(path: str) -> float:
    """The moment that a file of this kind says, in seconds since the epoch; 0 without one."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def failures(path: str) -> int:
    """How often in a row the backend has failed; 0 when nothing waits for it."""
    try:
        with open(path, "rb") as stream:
            return max(0, int(stream.read(16) or b"0"))
    except (OSError, ValueError):
        return 0


def put_off(path: str, moment: float, failures: int = 0, *, waits: bool = False) -> None:
    """Nothing is to be looked for before `moment` (seconds since the epoch).

    Unless somebody is eager to, when something `waits` or the backend has failed. Raises
    `OSError`.
    """
    make_private_directory(os.path.dirname(path))
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        os.write(descriptor, str(failures).encode("ascii") if failures or waits else b"")
        os.utime(descriptor, (moment, moment))
    finally:
        os.close(descriptor)


def mark(path: str) -> tuple[int, int]:
    """What is another once somebody has put the moment off or forward."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
