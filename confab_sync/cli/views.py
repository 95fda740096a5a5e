"""What `confab sync status` shows; docs/status.md describes each field."""

from __future__ import annotations

from dataclasses import dataclass, field

UNFINISHED = "unfinished"
"""The phase of a session without a daemon of which something may not be archived."""

ARCHIVED = "archived"
"""The phase of a session without a daemon of which everything is archived."""

OFF = "off"
"""The phase of a session without a daemon that is not to get one."""

OTHER = "other daemon"
"""The phase of a session that a Go CLI daemon looks after."""


@dataclass(frozen=True, slots=True)
class FileView:
    """One file: how much of it is archived, and how much is not."""

    name: str
    kind: str
    lines: int
    bytes: int
    behind_bytes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session; every field is part of the JSON that `sync status --json` prints."""

    id: str
    project: str
    phase: str
    running: bool = False
    connection: str = ""
    note: str = ""
    backend: str = ""
    pid: int | None = None
    lines: int = 0
    bytes: int = 0
    behind_bytes: int = 0
    last_error: str = ""
    last_error_at: str = ""
    last_online_at: str = ""
    since: str = ""
    started_at: str = ""
    deleted_from: str = ""
    transcript_path: str = ""
    masked: dict[str, int] = field(default_factory=dict)
    files: tuple[FileView, ...] = field(default=())
    files_omitted: int = 0
    work: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CatchUpView:
    """The finisher at work: how many sessions it has done, of how many, and which is next."""

    phase: str
    done: int
    of: int
    session: str = ""
    lines: int = 0
    last_error: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, and in `problems` what stood in the way of a whole picture."""

    sessions: tuple[SessionView, ...] = ()
    problems: tuple[str, ...] = ()
    masking: str = "on"
    paused: str = ""
    catch_up: CatchUpView | None = None
