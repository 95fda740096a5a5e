"""When unfinished sessions should be looked for again: one small file whose time says so.

Its modification time is the moment before which there is nothing to do; it holds how often
in a row the backend has failed, and is empty when nothing waits: for a backend, or for the
end of a line. Hooks look at it each time, so looking is one `stat`.
"""

from __future__ import annotations

import os
import time
from fcntl import LOCK_EX, LOCK_NB, flock

from confab_sync.paths import make_private_directory

LONGEST = 8 * 3600.0
"""Seconds: a moment further away than this was written by a clock that was wrong."""

PATIENCE = 1.0
"""Seconds that a writer waits for another, who needs microseconds unless it was stopped."""

Mark = tuple[int, int, int]


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
    descriptor = _opened(path, os.O_CREAT)
    try:
        _write(descriptor, moment, str(failures) if failures or waits else "")
    finally:
        os.close(descriptor)


def now(path: str) -> None:
    """The moment has come: the next hook looks. A disk that does not take that is passed over."""
    if not os.path.exists(path):  # it has come already; and what was taken away stays away
        return
    try:
        put_off(path, time.time(), failures(path))
    except OSError:
        pass


def put_off_since(path: str, seen: Mark, moment: float, *, waits: bool = False) -> bool:
    """The same, unless somebody has said another moment since the mark was `seen`.

    False when somebody has: then nothing is changed. Writers take turns, so nobody comes
    between the look and the writing. Raises `OSError`.
    """
    try:
        descriptor = _opened(path, 0)
    except FileNotFoundError:
        return False
    try:
        if _mark(os.fstat(descriptor)) != seen:
            return False
        _write(descriptor, moment, "0" if waits else "")
    finally:
        os.close(descriptor)
    return True


def mark(path: str) -> Mark:
    """What is another once somebody has said another moment, or the same one again."""
    try:
        return _mark(os.stat(path))
    except OSError:
        return (0, 0, 0)


def _mark(status: os.stat_result) -> Mark:
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size)


def _opened(path: str, more: int) -> int:
    """The file, once it is this process's turn to write it."""
    flags = os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags | more, 0o600)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _is_my_turn(descriptor) and time.monotonic() < deadline:
            time.sleep(0.001)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_my_turn(descriptor: int) -> bool:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: a moment is better than none
        return True
    return True


def _write(descriptor: int, moment: float, content: str) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, content.encode("ascii"))
    finally:  # the moment finds its place on a full disk too
        os.utime(descriptor, (moment, moment))
