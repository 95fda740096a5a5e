"""A file opened for reading at any offset, which counts the bytes it reads."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reader:
    """Reads from `descriptor`, which stays its owner's."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.bytes_read = 0
        """All bytes that were read, those read twice counted twice."""
        self.stats = 0
        """How often the file's status was asked for."""

    def status(self) -> os.stat_result:
        """The file as it is now. Raises `OSError`."""
        self.stats += 1
        return os.fstat(self._descriptor)

    def size(self) -> int:
        """The file's bytes now. Raises `OSError`."""
        return self.status().st_size

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from byte `offset` on, unless the file ends before.

        Raises `OSError`.
        """
        pieces = []
        while length > 0:
            piece = os.pread(self._descriptor, length, offset)
            if not piece:
                break
            pieces.append(piece)
            offset += len(piece)
            length -= len(piece)
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.bytes_read += len(data)
        return data


@contextmanager
def open_reader(path: str) -> Iterator[Reader]:
    """Open a file as `open_file` does, for the length of a block. Raises `OSError`."""
    descriptor = open_file(path)
    try:
        yield Reader(descriptor)
    finally:
        os.close(descriptor)


def open_file(path: str) -> int:
    """A descriptor of a regular file, opened without following a link at its end.

    What took a file's place since it was listed, a pipe for instance, is neither waited for
    nor read. Raises `OSError`.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
