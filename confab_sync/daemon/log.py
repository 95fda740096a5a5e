"""A daemon's log: one line for each unit of work, key=value, bounded in size.

It never holds a payload: only what the code itself chose to name, counts, times, and the
messages of our own errors. The same failure again and again is one line with a count.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.errors import ConfabError, described
from confab_sync.files import replace_private_file
from confab_sync.paths import make_private_directory
from confab_sync.presence.state import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 1_000_000
"""Bytes of a log file before it becomes the old one."""

CATCH_UP = "catch-up"
"""The name of the finisher's log, which is about no single session."""

FOLDED = 50
"""Repetitions of one failure after which a line says so again."""


class Log:
    """The log of one session at `directory/<external_id>.log`."""

    def __init__(
        self, directory: str, external_id: str, clock: Callable[[], str] = timestamp
    ) -> None:
        self._path = f"{directory}/{external_id}.log"
        self._clock = clock
        self._repeated: tuple[str, str] | None = None
        self._times = 0

    def write(self, event: str, **facts: object) -> None:
        """One line. A log that cannot be written is done without."""
        self._flush_repeated()
        self._append(event, facts)

    def failure(self, event: str, error: BaseException, **facts: object) -> None:
        """A line about a failure; the same one again is only counted for a while.

        Of an error that is not our own only its kind and place: its words may quote anything.
        """
        what = (event, described(error))
        if not isinstance(error, (ConfabError, OSError)):
            facts = {"where": place(error), **facts}
        if what == self._repeated and self._times < FOLDED:
            self._times += 1
            return
        self._flush_repeated()
        self._append(event, {"error": what[1], **facts})
        self._repeated = what

    def _flush_repeated(self) -> None:
        if self._repeated and self._times:
            event, error = self._repeated
            self._append(event, {"error": error, "repeated": self._times})
        self._repeated, self._times = None, 0

    def _append(self, event: str, facts: dict[str, object]) -> None:
        fields = "".join(f" {name}={_quoted(value)}" for name, value in facts.items())
        line = f"{self._clock()} {event}{fields}\n".encode("utf-8", "backslashreplace")
        try:
            make_private_directory(os.path.dirname(self._path), may_be_link=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, 0o600)
            try:
                os.write(descriptor, line)
                if os.fstat(descriptor).st_size > LARGEST:
                    os.rename(self._path, self._path + ".old")
            finally:
                os.close(descriptor)
        except OSError:
            return


def prune(directory: str, older_than: float) -> None:
    """Remove logs last written before `older_than`, in seconds since the epoch."""
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith((".log", ".log.old")):
            try:
                if entry.stat(follow_symlinks=False).st_mtime < older_than:
                    os.unlink(entry.path)
            except OSError:
                continue


def leave_out(path: str, text: str) -> None:
    """Remove the lines that hold `text` from the log at `path`, if there is one.

    What is written meanwhile may go as well. Raises `OSError`.
    """
    try:
        with open(path, "rb") as stream:
            lines = stream.readlines()
    except FileNotFoundError:
        return
    kept = [line for line in lines if text.encode() not in line]
    if len(kept) < len(lines):
        replace_private_file(path, b"".join(kept))


def place(error: BaseException) -> str:
    """Where an error was raised, as `module:line`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"


def _quoted(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    # Nothing in it can forge a line, or steer the terminal of whoever reads it.
    text = "".join(c if c.isprintable() else " " for c in str(value))
    if text and not any(character in text for character in ' "='):
        return text
    return '"' + text.replace('"', "'") + '"'
