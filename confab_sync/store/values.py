"""The values that go into the embedded store and come out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from confab_sync.metadata import ChunkMetadata as ChunkMetadata  # noqa: PLC0414 - one of them

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


class Json(Enum):
    """The JSON value that Python's `None` cannot stand for where `None` says nothing."""

    NULL = None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What a client says of a session when it opens it (contract §2.4).

    `external_id` is the assistant's own id. `cwd`, `hostname` and `username` that are `None`
    or empty keep what an earlier opening said, and so does a `git_info` of `None`;
    `Json.NULL` overwrites it. `known_id` is the id under which the client has had it open: a
    session of this id that is gone was deleted, and is not created anew.
    """

    provider: str
    external_id: str
    transcript_path: str
    cwd: str | None = None
    hostname: str | None = None
    username: str | None = None
    git_info: object | None = None
    known_id: str = ""


@dataclass(frozen=True, slots=True)
class FilePosition:
    """How far one generation of a file is stored.

    `lines` counts the stored lines, an unterminated last one included; `source_bytes` is the
    offset in the client's own file up to which it was sent, None where only lines are counted;
    `open_end` says that the last line has no newline yet; `generation` counts from 1.
    """

    lines: int
    source_bytes: int | None
    open_end: bool
    generation: int
    file_type: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """An open session: its public id, and the newest generation of each of its files by name."""

    session_id: str
    provider: str
    files: Mapping[str, FilePosition]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next bytes of a file.

    `data` is appended as it is: whole lines, each with its `\\n`; `open_end` says that the last
    one has none yet, and the chunk that follows then begins with that `\\n`, which closes the
    line and adds none. `first_line` (1-based) is the first line this chunk adds and `lines` how
    many it adds; 0 only for a chunk that is nothing but the closing `\\n`. `source_end` is the
    byte offset in the client's own file just after this chunk. `describe` makes `metadata` of
    the bytes as they are finally sent, so that it tells nothing that was masked in them.
    `prepared` is what some backend has made of `data` in advance, for itself.
    """

    file_name: str
    file_type: str
    first_line: int
    lines: int
    data: bytes
    source_end: int
    open_end: bool = False
    metadata: ChunkMetadata = field(default_factory=ChunkMetadata)
    describe: Callable[[bytes], ChunkMetadata] | None = None
    prepared: object = field(default=None, repr=False)

    def described(self) -> Chunk:
        """The same with its metadata, for whoever sends it as it is."""
        if self.describe is None:
            return self
        return replace(self, metadata=self.describe(self.data), describe=None)


@dataclass(frozen=True, slots=True)
class Lines:
    """The next lines of a file as the HTTP API takes them: without their newlines (§2.5).

    `first_line` (1-based) is the first of them; `max_chunks` is how many chunks a file may have.
    """

    file_name: str
    file_type: str
    first_line: int
    lines: Sequence[bytes]
    max_chunks: int
    metadata: ChunkMetadata = field(default_factory=ChunkMetadata)


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file that is kept whole beside the session; `name` is relative to the session."""

    name: str
    data: bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The newest generation of a file; `bytes` is its length when read."""

    name: str
    file_type: str
    lines: int
    bytes: int
    generation: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FileExtent:
    """How much there is of the newest generation of some session's file, whosever it is."""

    session_id: str
    user: int
    provider: str
    name: str
    file_type: str
    generation: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """Something that happened to a session, with what was said of it: JSON, or nothing."""

    type: str
    timestamp: datetime
    payload: object | None


@dataclass(frozen=True, slots=True)
class StoredSideFile:
    """A side file as listed; `bytes` is its length when read, `digest` that of its content."""

    name: str
    bytes: int
    mtime_ns: int
    updated_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as listed; `files`, `lines` and `bytes` count the newest generations."""

    session_id: str
    provider: str
    external_id: str
    transcript_path: str
    cwd: str | None
    hostname: str | None
    username: str | None
    git_info: object | None
    summary: str | None
    first_user_message: str | None
    first_seen: datetime
    last_sync_at: datetime
    last_message_at: datetime | None
    files: int
    lines: int
    bytes: int
    live: object | None = None
    live_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoreSize:
    """How big the store is: bytes on disk (journals included) and bytes before compression."""

    disk_bytes: int
    raw_bytes: int
    sessions: int
    files: int
    side_files: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the store's check found: where, and what is wrong there."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """The sessions that were removed (or would be), and the compressed bytes they held."""

    session_ids: tuple[str, ...]
    freed_bytes: int
