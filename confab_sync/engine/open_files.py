"""Files that are held open until they are archived, so that one that is deleted can still be."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.engine.assistant import SIDE
from confab_sync.engine.reader import Reader, open_file, open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.engine.assistant import Sighting

MOST = 64
"""Files of one session that are held at once; the rest of a large workflow is read by path."""


@dataclass(slots=True)
class Deleted:
    """A `Sighting` of a file that has no name any more."""

    name: str
    kind: str
    path: str
    size: int
    mtime_ns: int
    inode: int
    device: int
    trouble: OSError | None = None

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What changes when the file changes."""
        return (self.device, self.inode, self.size, self.mtime_ns)


class OpenFiles:
    """One session's; of each name the file that was last held."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, Sighting]] = {}

    def hold(self, sightings: Iterable[Sighting], is_done: Callable[[Sighting], bool]) -> None:
        """Hold the files that grow and have something to send; let go of the others."""
        for seen in sightings:
            if seen.trouble is not None:
                continue
            held = self._held.get(seen.name)
            if held is not None and (is_done(seen) or not _is_same(held[1], seen)):
                self._let_go(seen.name)
            if seen.kind == SIDE or seen.name in self._held or is_done(seen):
                continue
            if len(self._held) < MOST:
                self._open(seen)

    def deleted(
        self, sightings: Iterable[Sighting], is_done: Callable[[Sighting], bool]
    ) -> list[Sighting]:
        """The files that are held, were deleted since, and are not done; moved ones are not."""
        names = {seen.name for seen in sightings}
        found: list[Sighting] = []
        for name, (descriptor, seen) in list(self._held.items()):
            if name in names:
                continue
            status = os.fstat(descriptor)
            if status.st_nlink:  # it moved, and will be seen elsewhere
                continue
            file = Deleted(
                name,
                seen.kind,
                seen.path,
                status.st_size,
                status.st_mtime_ns,
                status.st_ino,
                status.st_dev,
            )
            if is_done(file):
                self._let_go(name)
            else:
                found.append(file)
        return found

    @contextmanager
    def reader(self, sighting: Sighting) -> Iterator[Reader]:
        """Read a file that was sighted, by its name unless it is held. Raises `OSError`."""
        held = self._held.get(sighting.name)
        if held is not None and _is_same(held[1], sighting):
            yield Reader(held[0])
            return
        with open_reader(sighting.path) as reader:
            yield reader

    def close(self) -> None:
        """Let go of all."""
        for name in list(self._held):
            self._let_go(name)

    def _open(self, seen: Sighting) -> None:
        try:
            descriptor = open_file(seen.path)
        except OSError:  # reading it will say so
            return
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) == (seen.device, seen.inode):
            self._held[seen.name] = (descriptor, seen)
        else:  # replaced since it was listed
            os.close(descriptor)

    def _let_go(self, name: str) -> None:
        descriptor, _ = self._held.pop(name)
        with suppress(OSError):  # its file system is gone; nothing was written through it
            os.close(descriptor)


def _is_same(one: Sighting, other: Sighting) -> bool:
    return (one.device, one.inode) == (other.device, other.inode)
