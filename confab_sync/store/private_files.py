"""The files of the database on disk, which only their user may read."""

from __future__ import annotations

import os

_SMALLEST = 512  # bytes: one page of the smallest size


def create_private(path: str) -> None:
    """Create the empty database file `path` with mode 0600; one that exists is left alone."""
    # Only a file that did not exist may be opened here: closing any descriptor of a database
    # drops the locks that SQLite has on it in this process (sqlite.org/howtocorrupt.html, 2.2).
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return


def files_of(path: str) -> list[str]:
    """The existing files that belong to the database `path`: itself, its journals, its lock."""
    names = [path + suffix for suffix in ("", "-wal", "-shm", "-journal", ".lock")]
    return [name for name in names if os.path.exists(name)]


def identity_of(path: str) -> tuple[int, int] | None:
    """Device and inode of the file that `path` leads to; None when that cannot be seen."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def tighten(path: str) -> None:
    """Take all rights of others on the files of the database `path`."""
    for name in files_of(path):
        try:
            if os.stat(name).st_mode & 0o077:
                os.chmod(name, 0o600)
        except FileNotFoundError:
            continue  # the last one to close removed a journal just now


def is_too_short(path: str) -> bool:
    """Whether `path` has content, but less than the smallest database has."""
    return 0 < os.path.getsize(path) < _SMALLEST
