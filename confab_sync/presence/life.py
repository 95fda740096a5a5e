"""What the records of an inbox add up to: who a session belongs to now, and how it ended.

The records are folded from the first to the last each time, so any image of the daemon
that reads the inbox comes to the same conclusion, whatever happened before it started.
"""

from __future__ import annotations

import os

from confab_sync.presence import inbox
from confab_sync.process import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.presence.inbox import Record


class Life:
    """A session's life so far."""

    __slots__ = (
        "cwd",
        "directories",
        "end",
        "parents",
        "stops",
        "transcript_path",
        "unnamed_parent",
    )

    def __init__(self) -> None:
        self.parents: set[Identity] = set()
        """The Claude Code processes that opened the session and have not ended it."""
        self.unnamed_parent = False
        """Whether somebody did so without saying who they are."""
        self.end: Record | None = None
        """The last session_end, unless somebody came back after it."""
        self.stops = 0
        """How often the user asked to stop since somebody last came."""
        self.transcript_path = ""
        self.cwd = ""
        self.directories: set[str] = set()
        """Every directory that the session is known to have worked in."""

    @property
    def deserted(self) -> bool:
        """Whether everybody who came has said goodbye."""
        return self.end is not None and not self.parents and not self.unnamed_parent


def fold(records: Iterable[Record]) -> Life:
    """The life that `records` tell, oldest first."""
    life = Life()
    for record in records:
        kind = record.get("type")
        if kind == inbox.START:
            _arrive(life, record)
        elif kind == inbox.MOVED:
            _follow(life, record)
        elif kind == inbox.END:
            _depart(life, record)
        elif kind == inbox.STOP:
            life.stops += 2 if record.get("at_once") is True else 1
    return life


def _arrive(life: Life, record: Record) -> None:
    parent = Identity.from_json(record.get("parent"))
    if parent:
        life.parents.add(parent)
    else:
        life.unnamed_parent = True
    life.end = None
    life.stops = 0
    _follow(life, record)
    project = record.get("project_dir")
    if isinstance(project, str) and project:
        life.directories.add(project)


def _depart(life: Life, record: Record) -> None:
    parent = Identity.from_json(record.get("parent"))
    if parent in life.parents:
        life.parents.discard(parent)
    elif life.unnamed_parent:
        life.unnamed_parent = False
    elif parent is None and len(life.parents) == 1:
        # A record of the Go CLI names nobody (contract §4.2): it can only mean the one.
        life.parents.clear()
    life.end = record
    payload = record.get("hook_input")
    if isinstance(payload, dict):
        _follow(life, payload)


def _follow(life: Life, record: Record) -> None:
    for name in ("transcript_path", "cwd"):
        value = record.get(name)
        if isinstance(value, str) and value and _may_be_a_path(value):
            setattr(life, name, value)
            if name == "cwd":
                life.directories.add(value)


def _may_be_a_path(value: str) -> bool:
    """Whether the file system can be asked about `value` at all."""
    try:
        os.fsencode(value)
    except ValueError:
        return False
    return "\0" not in value
