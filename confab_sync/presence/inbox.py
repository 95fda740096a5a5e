"""The inbox: what hooks and commands have said about a session, in order, one JSON object a line.

It is the log of one daemon's life: who came, who left, where the transcript moved, who
asked to stop. Writers append under a lock on the file itself; the daemon's departure
takes the same lock, so that no record falls between two owners.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time

from confab_sync import quickjson
from confab_sync.presence.lock import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]

START = "session_start"
END = "session_end"
MOVED = "session_moved"
STOP = "stop"
"""The user asks the daemon to leave; with `at_once` it does not send what is left."""

PATIENCE = 1.0
"""Seconds to wait for another writer, who needs microseconds; then go on without the lock."""

LARGEST = 16 * 1024 * 1024
"""Bytes of an inbox that are read; what comes after is ignored."""


def append(path: str, record: Record) -> None:
    """Append one record. Raises `OSError` when it cannot be written whole."""
    line = (quickjson.dumps(record) + "\n").encode("ascii")
    while True:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            _lock(descriptor, fcntl.LOCK_EX)
            if not names(path, descriptor):  # its daemon left while we waited
                continue
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line  # close the line that a dying writer left open
            if os.write(descriptor, line) < len(line):
                os.ftruncate(descriptor, size)
                raise OSError(errno.ENOSPC, "no space left for the inbox record")
            return
        finally:
            os.close(descriptor)


def read(path: str) -> tuple[list[Record], int]:
    """All records, and the size of the inbox in bytes as it was read.

    Lines that are not JSON objects are passed over; a missing inbox is an empty one.
    Raises `OSError` when an existing one cannot be read.
    """
    while True:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return [], 0
        try:
            _lock(descriptor, fcntl.LOCK_SH)
            if not names(path, descriptor):  # removed by a daemon that just left
                continue
            # Measured first: what comes meanwhile, from a writer without a lock, is not seen.
            seen = os.fstat(descriptor).st_size
            content = os.pread(descriptor, min(seen, LARGEST), 0)
        finally:
            os.close(descriptor)
        return [record for record in map(_parse, content.split(b"\n")) if record], seen


def size(path: str) -> int:
    """Bytes in the inbox now; 0 when there is none."""
    try:
        return os.stat(path, follow_symlinks=False).st_size
    except OSError:
        return 0


def open_for_departure(path: str) -> int:
    """Open and lock the inbox, created if need be, so that nobody appends meanwhile.

    The caller closes the descriptor. Raises `OSError`.
    """
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        _lock(descriptor, fcntl.LOCK_EX)
        if names(path, descriptor):
            return descriptor
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return
            time.sleep(0.001)
        except OSError:  # a file system without locks: appends are still whole lines
            return
        else:
            return


def _parse(line: bytes) -> Record | None:
    try:
        record = quickjson.loads(line.decode("utf-8"))
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
