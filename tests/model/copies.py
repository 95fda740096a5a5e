"""What the store has of a session: its files line by line, in every generation."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confab_sync.store.store import Store

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """The newest generation of a file, its lines without newlines, and the `earlier` ones.

    `offset` is the byte in the local file up to which it was sent; `is_open` says that the last
    line was sent without a newline.
    """

    lines: tuple[bytes, ...] = ()
    offset: int | None = 0
    is_open: bool = False
    earlier: tuple[tuple[bytes, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Copies:
    """A session's copy."""

    files: dict[str, Copy]
    sides: dict[str, bytes]


NOTHING = Copies({}, {})


def copies(path: str, external_id: str, now: datetime) -> Copies:
    """What the store at `path` has of a session; nothing where there is no such session."""
    if not Path(path).exists():
        return NOTHING
    with Store.open(path, clock=lambda: now) as store:
        sessions = [found for found in store.sessions() if found.external_id == external_id]
        if not sessions:
            return NOTHING
        (session,) = sessions
        key = session.session_id
        positions = _positions(path, external_id)
        files = {}
        for file in store.files(key):
            generations = [
                _lines(b"".join(store.read_file(key, file.name, number)))
                for number in range(1, file.generation + 1)
            ]
            assert len(generations[-1]) == file.lines
            offset, is_open = positions[file.name]
            files[file.name] = Copy(generations[-1], offset, is_open, tuple(generations[:-1]))
        sides = {side.name: store.read_side_file(key, side.name) for side in store.side_files(key)}
        return Copies(files, sides)


def _positions(path: str, external_id: str) -> dict[str, tuple[int | None, bool]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name, source_bytes, open_end FROM newest_files"
            " JOIN sessions ON sessions.id = newest_files.session_id WHERE external_id = ?",
            (external_id,),
        ).fetchall()
    return {name: (offset, bool(is_open)) for name, offset, is_open in rows}


def _lines(data: bytes) -> tuple[bytes, ...]:
    pieces = data.split(b"\n")
    return tuple(pieces if pieces[-1] else pieces[:-1])
