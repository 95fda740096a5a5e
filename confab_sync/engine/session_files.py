"""The files of one session: whether each is done, what stands in its way, how far it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.engine import side_file
from confab_sync.engine.assistant import SIDE
from confab_sync.engine.known import NOT_TAKEN, REFUSED, UNFINISHED_LINE
from confab_sync.engine.open_files import OpenFiles
from confab_sync.engine.report import FileReport
from confab_sync.errors import BackendRefused, FileDiverged, FileUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confab_sync.engine.assistant import Assistant, Sighting
    from confab_sync.engine.destination import Destination
    from confab_sync.engine.memory import Memory

SETBACKS = 3
"""Files of one cycle that the backend may fail on until the rest is left for later."""


class SessionFiles:
    """What is remembered of one session's files from one cycle to the next."""

    def __init__(self, assistant: Assistant, memory: Memory) -> None:
        self._assistant = assistant
        self._memory = memory
        self._held = OpenFiles()
        self._notes: dict[str, str] = {}
        self._unread: set[str] = set()
        """Files that could not be read, and may be another time."""
        self._refused: dict[str, tuple[int, int, int, int]] = {}
        """Files that the backend will not take as they are now."""
        self._not_taken: set[str] = set()
        """Files of kinds that the backend does not keep."""
        self._setbacks: list[FileUnavailable] = []
        """What went wrong with single files in this cycle, and may go well in the next."""

    def look(self, on_disk: Sequence[Sighting], *, final: bool) -> list[Sighting]:
        """Begin a cycle: the files that are there, and those that were deleted too early."""
        self._look_past(on_disk)
        self._setbacks.clear()

        def is_done(sighting: Sighting) -> bool:
            return self.is_done(sighting, final=final)

        sightings = [*on_disk, *self._held.deleted(on_disk, is_done)]
        self._held.hold(sightings, is_done)
        return sightings

    def _look_past(self, sightings: Sequence[Sighting]) -> None:
        """Note what cannot be looked at now, and forget what could not be read before."""
        for name in self._unread:
            self._notes.pop(name, None)
        self._unread.clear()
        for sighting in sightings:
            if sighting.trouble is not None:
                self._cannot_read(sighting.name, sighting.trouble)

    def _cannot_read(self, name: str, error: OSError) -> None:
        self._notes[name] = f"cannot be read: {error.strerror or error}"
        self._unread.add(name)

    def is_done(self, sighting: Sighting, *, final: bool) -> bool:
        """Whether there is nothing to send of a file, or no use in trying."""
        if sighting.trouble is not None:  # said already, and looked at again next time
            return True
        if self._refused.get(sighting.name) == sighting.signature:
            return True
        if sighting.name in self._not_taken:
            return True
        if sighting.kind == SIDE:
            known = self._memory.sides.get(sighting.name)
            return known is not None and known.is_all_of(sighting)
        file = self._memory.lines.get(sighting.name)
        if file is None:
            # Nothing is created at the backend for an empty file, but one may become empty.
            return sighting.size == 0 and not self._memory.is_stored(sighting.name)
        waits_for_newline = file.position.offset < sighting.size
        return file.signature == sighting.signature and not (final and waits_for_newline)

    def sync(
        self,
        sighting: Sighting,
        to: Destination,
        may_go_on: Callable[[], bool],
        *,
        final: bool,
    ) -> bool:
        """Send what is new of a file; True when more may be left because `may_go_on` said no.

        Raises `BackendError`, but not for what is about this one file alone.
        """
        name = sighting.name
        self._notes.pop(name, None)
        self._unread.discard(name)
        try:
            if not to.backend.takes(sighting.kind, name):
                self._not_taken.add(name)
                return False
            if sighting.kind == SIDE:
                self._sync_side_file(sighting, to)
                return False
            return self._memory.line_file(sighting).sync(
                sighting,
                to,
                is_complete=self._assistant.is_complete if final else None,
                may_go_on=may_go_on,
                open_file=self._held.reader,
            )
        # One file's trouble is not the others'. It is looked at again in the next cycle; what
        # the backend refused, once the file has changed.
        except OSError as error:
            self._cannot_read(name, error)
        except FileDiverged:
            pass  # the file knows, and says so
        except FileUnavailable as error:
            self._notes[name] = str(error)
            self._setbacks.append(error)
            if len(self._setbacks) >= SETBACKS:
                raise
        except BackendRefused as error:
            self._notes[name] = f"{REFUSED}{error}"
            self._refused[name] = sighting.signature
        return False

    def _sync_side_file(self, sighting: Sighting, to: Destination) -> None:
        if sighting.size > side_file.LARGEST:
            self._notes[sighting.name] = f"too large to archive ({sighting.size} bytes)"
            return
        known = self._memory.known(sighting.name, sighting.kind)
        archived = side_file.archive(sighting, known, to)
        if archived is not None:
            self._memory.sides[sighting.name] = archived

    @property
    def setback(self) -> FileUnavailable | None:
        """The last thing in this cycle that went wrong with one file and not with the others."""
        return self._setbacks[-1] if self._setbacks else None

    def report(self, sighting: Sighting) -> FileReport:
        """How a file stands."""
        name, kind = sighting.name, sighting.kind
        known = self._memory.known(name, kind)
        note, unread = self._notes.get(name, ""), name in self._unread
        if name in self._not_taken:
            return FileReport(name, kind, 0, 0, 0, NOT_TAKEN)
        if kind == SIDE:
            done = sighting.size if known.is_all_of(sighting) else 0
            return FileReport(name, kind, 0, done, sighting.size - done, note, unread)
        position = known.position
        # Nothing of a file that has diverged waits to be sent.
        behind = 0 if known.has_diverged else max(0, sighting.size - position.offset)
        file = self._memory.lines.get(name)
        if not note and behind and file is not None and file.signature == sighting.signature:
            note = UNFINISHED_LINE
        note = "; ".join(filter(None, (note, known.lasting_note, known.exceptions)))
        return FileReport(name, kind, position.lines, position.offset, behind, note, unread)

    def doubt(self) -> None:
        """Believe nothing any more of what the backend has, and of what it takes."""
        self._memory.doubt()
        self._not_taken.clear()

    def forget(self) -> None:
        """Begin with another backend, which may take what the last one has refused."""
        self.doubt()
        self._refused.clear()

    def close(self) -> None:
        """Let go of the files that are held open."""
        self._held.close()
