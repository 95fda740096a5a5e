"""The lock that lets the store's writers queue instead of failing."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from confab_sync.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.016


class WriteLock:
    """An exclusive `flock` on a file beside the database, held around every write.

    SQLite's own lock is polled with long pauses: fifty writers in lockstep wait for more than a
    second and some fail. The lock belongs to this object's open file, so two of them exclude
    each other in one process too; it is not reentrant.
    """

    def __init__(
        self,
        path: str,
        *,
        timeout: float,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._path = path
        self._timeout = timeout
        self._monotonic = monotonic
        self._sleep = sleep
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    @property
    def closed(self) -> bool:
        """Whether the file was given back."""
        return self._file < 0

    @contextmanager
    def held(self, timeout: float | None = None) -> Iterator[None]:
        """Hold the lock; wait for it at most `timeout` seconds (by default the lock's own).

        Raises `StoreUnavailable` when others hold it for longer, `StoreError` once closed.
        """
        self._acquire(self._timeout if timeout is None else timeout)
        try:
            yield
        finally:
            # After Ctrl-C at the wrong moment this is reached by the collector, later than `close`.
            if not self.closed:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _acquire(self, timeout: float) -> None:
        if self.closed:
            raise StoreError("the store was used after it was closed")
        deadline = self._monotonic() + timeout
        pause = _FIRST_PAUSE
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                left = deadline - self._monotonic()
            if left <= 0:
                raise StoreUnavailable(
                    f"the store is busy: another process has held {self._path} for "
                    f"{timeout:g} seconds"
                )
            self._sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def close(self) -> None:
        """Give the file back; doing it twice is the same as once."""
        if not self.closed:
            descriptor, self._file = self._file, -1
            with suppress(OSError):  # its file system is gone; nothing was written through it
                os.close(descriptor)
