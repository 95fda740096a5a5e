"""What one daemon believes of its session's files while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.engine.known import KnownFile
from confab_sync.engine.line_file import LineFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.engine.assistant import Sighting
    from confab_sync.store.values import FilePosition

Copy = tuple[str, str]
"""A backend's name, and the session's id there."""


class Memory:
    """The files that were looked at since the session was opened, and what is known of others.

    It outlives a doubtful answer of the backend, so that a file's own evidence is at hand even
    when the registry has failed.
    """

    def __init__(self) -> None:
        self.lines: dict[str, LineFile] = {}
        self.sides: dict[str, KnownFile] = {}
        self._stored: Mapping[str, FilePosition] = {}
        self._known: dict[str, KnownFile] = {}
        self._unclear: dict[str, KnownFile] = {}
        """What will be known of files if the chunk has arrived whose answer was lost."""
        self._copy: Copy = ("", "")
        """Of which all of this is true."""

    def recall(self, registered: Mapping[str, KnownFile]) -> None:
        """Take in what the registry knows, for as long as no backend can be asked."""
        self._known = {**registered, **self._known}

    def opened(
        self,
        copy: Copy,
        stored: Mapping[str, FilePosition],
        registered: Mapping[str, KnownFile],
    ) -> None:
        """Begin with the backend's own word: how far each file is `stored` there."""
        if copy != self._copy:
            self._known, self._unclear = {}, {}
        self._known = {**registered, **self._known}
        self._stored = stored
        self._copy = copy

    def doubt(self) -> None:
        """Drop what was believed of the backend; the files' own evidence is kept."""
        for name, file in self.lines.items():
            self._known[name] = file.lasting
            if file.unclear is not None:
                self._unclear[name] = file.unclear
        self._known.update(self.sides)
        self._stored = {}
        self.lines.clear()
        self.sides.clear()

    def line_file(self, sighting: Sighting) -> LineFile:
        """The file that was sighted, as it was left or as it is stored and remembered."""
        name, kind = sighting.name, sighting.kind
        file = self.lines.get(name)
        if file is None:
            known = self._remembered(name, kind)
            unclear = self._unclear.pop(name, None)
            file = LineFile(name, kind, known, self._stored.get(name), unclear)
            self.lines[name] = file
        return file

    def is_stored(self, name: str) -> bool:
        """Whether the backend had something of the file when the session was opened."""
        stored = self._stored.get(name)
        return stored is not None and stored.lines > 0

    def known(self, name: str, kind: str) -> KnownFile:
        """What is known of a file now."""
        tracked = self.lines.get(name)
        known = tracked.known if tracked else self.sides.get(name)
        return known or self._remembered(name, kind)

    def _remembered(self, name: str, kind: str) -> KnownFile:
        return self._known.get(name) or KnownFile(name, kind)
