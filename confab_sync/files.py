"""Small private files that are replaced whole, never written in place."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def replace_private_file(path: str, data: bytes, mode: int = 0o600) -> None:
    """Put `data` at `path` so that readers see the old content or the new, nothing between.

    `path` must not be a symbolic link that is to stay one. Raises `OSError`; then the
    old content is still there.
    """
    with written_beside(path, data, mode) as temporary:
        os.replace(temporary, path)
    flush_directory(path)


@contextlib.contextmanager
def written_beside(path: str, data: bytes, mode: int) -> Iterator[str]:
    """Write `data` durably to a new file in the directory of `path`, to be renamed in the block.

    Yields its path. What was not renamed is gone after the block, whatever ended it, Ctrl-C
    as well. Raises `OSError`.
    """
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def flush_directory(path: str) -> None:
    """Make a rename at `path` survive a power cut, where the file system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the exclusive lock of the file at `path`, which stays behind empty.

    Waits for other holders, who hold it for one short write. Raises `OSError` where the
    file cannot be opened or the file system has no locks.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
