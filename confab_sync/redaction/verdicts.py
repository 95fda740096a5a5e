"""The texts in which the masker found nothing, so that no hook loads it for them again.

Imported by hooks that would need the masker otherwise. Only digests are kept, and each of
them holds for the settings and the program that it was found with. A text in which there
was something is not remembered.
"""

from __future__ import annotations

import os

from confab_sync import __version__, quickjson
from confab_sync.digests import blake2b_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Stated = Mapping[str, object] | None

LARGEST = 65536
"""Bytes of the file, after which it is begun anew: some two thousand texts."""


class Verdicts:
    """The digests in the file at `path`, one on each line.

    A file that cannot be read or written means that the masker has to be asked.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def knows(self, stated: Stated, text: str) -> bool:
        """Whether the masker of these settings was asked for `text`, and left it as it is."""
        line = _line(stated, text)
        return line is not None and line in self._lines()

    def remember(self, stated: Stated, text: str) -> None:
        """The masker of these settings leaves `text` as it is."""
        line = _line(stated, text)
        if line is None:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, 0o600)
            try:
                if os.fstat(descriptor).st_size >= LARGEST:
                    os.ftruncate(descriptor, 0)
                os.write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError:
            return

    def _lines(self) -> list[bytes]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                return os.read(descriptor, 2 * LARGEST).splitlines(keepends=True)
            finally:
                os.close(descriptor)
        except OSError:
            return []


def _line(stated: Stated, text: str) -> bytes | None:
    """What stands in the file for a text; None for settings that cannot be written down."""
    try:
        settings = quickjson.dumps(stated)
    except TypeError:
        return None
    known = "\0".join((__version__, settings, text)).encode("utf-8", "surrogatepass")
    return blake2b_of([known], 16).hex().encode() + b"\n"
