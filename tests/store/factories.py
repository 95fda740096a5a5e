"""Makes stores, sessions and chunks for tests."""

from __future__ import annotations

import itertools
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.store.database import DatabaseOptions

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def open_store(
    directory: Path,
    clock: Clock | None = None,
    *,
    create: bool = True,
    options: DatabaseOptions | None = None,
) -> Store:
    """A store in `directory` whose sessions get the ids 00000000-…, 00000001-…, and so on."""
    numbers = itertools.count()
    return Store.open(
        str(directory / "store.db"),
        clock=clock or Clock(),
        new_id=lambda: f"{next(numbers):08x}-0000-4000-8000-000000000000",
        create=create,
        options=options,
    )


def new_session(store: Store, external_id: str = "abc", **known: str) -> str:
    """The public id of an open session."""
    info = SessionInfo("claude-code", external_id, f"/p/{external_id}.jsonl", **known)
    return store.open_session(info).session_id


def chunk(
    data: bytes,
    *,
    first_line: int = 1,
    name: str = "abc.jsonl",
    file_type: str = "transcript",
    after_open_end: bool = False,
    source_end: int | None = None,
    metadata: ChunkMetadata | None = None,
) -> Chunk:
    """A chunk whose numbers agree with its bytes."""
    open_end = not data.endswith(b"\n")
    return Chunk(
        file_name=name,
        file_type=file_type,
        first_line=first_line,
        lines=data.count(b"\n") - after_open_end + open_end,
        data=data,
        source_end=len(data) if source_end is None else source_end,
        open_end=open_end,
        metadata=metadata or ChunkMetadata(),
    )


def content(store: Store, session_id: str, name: str = "abc.jsonl") -> bytes:
    """All bytes of the newest generation of a file."""
    return b"".join(store.read_file(session_id, name))


def tamper(directory: Path, statement: str, *values: object) -> None:
    """Change a closed store behind its back."""
    connection = sqlite3.connect(directory / "store.db")
    with connection:
        connection.execute(statement, values)
    connection.close()
