"""Having changes in a few directories announced by a signal, where the kernel does that.

It is Linux's `fcntl(2)`, F_NOTIFY: the standard library knows no other way.
"""

from __future__ import annotations

import fcntl
import os

from confab_sync.process import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 64
"""Directories that are watched at once: each is an open file."""


def are_announced() -> bool:
    """Whether this platform announces changes at all."""
    needed = ((fcntl, "F_NOTIFY"), (fcntl, "F_SETSIG"), (signals, "SIGRTMIN"), (signals, "SIGIO"))
    return all(hasattr(module, name) for module, name in needed)


class DirectoryNews:
    """The directories in which a change is announced."""

    def __init__(self) -> None:
        self._directories: dict[str, tuple[int, tuple[int, int]]] = {}
        self._news = int(signals.SIGRTMIN)
        self.signals = frozenset((self._news, int(signals.SIGIO)))
        """What announces one; the second is what the kernel sends where too many of the first
        are queued. By itself it kills."""

    def watch(self, directories: Sequence[str]) -> bool:
        """Have changes in exactly these directories announced, as far as that is possible.

        True when a watch has begun: what appeared in that directory before was not announced.
        """
        wanted = {path: _identity(path) for path in directories[:MOST]}
        for path, (descriptor, identity) in list(self._directories.items()):
            if wanted.get(path) != identity:  # not asked for any more, or another one by now
                os.close(descriptor)
                del self._directories[path]
        begun = [self._watch(path) for path in wanted if path not in self._directories]
        return any(begun)

    def covers(self, directories: Iterable[str]) -> bool:
        """Whether changes in all of these are announced."""
        return self._directories.keys() >= set(directories)

    def _watch(self, path: str) -> bool:
        # DN_MODIFY alone would miss a file that appears; F_SETSIG has to come first.
        events = (
            fcntl.DN_MODIFY | fcntl.DN_CREATE | fcntl.DN_DELETE | fcntl.DN_RENAME
            | fcntl.DN_MULTISHOT
        )  # fmt: skip
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, self._news)
            fcntl.fcntl(descriptor, fcntl.F_NOTIFY, events)
        except OSError:  # this file system has no such thing: the regular look remains
            os.close(descriptor)
            return False
        status = os.fstat(descriptor)
        self._directories[path] = (descriptor, (status.st_dev, status.st_ino))
        return True


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
