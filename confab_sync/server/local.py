"""What the daemons of the server's own host say of their sessions, as the command line tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class LocalSession:
    """One session that a daemon of this host looks after, or was looking after when it died.

    `backend` is `embedded` for the store that is served, else the address of a server;
    `session_id` is the session's public id there. `phase` and `connection` are the words of
    `confab sync status`.
    """

    external_id: str
    backend: str
    session_id: str
    cwd: str
    phase: str
    running: bool
    connection: str = ""
    note: str = ""
    behind_bytes: int = 0
    lines: int = 0
    last_error: str = ""
    last_online_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Local:
    """The owner's own host: its name, its sessions, and something that changes when they do."""

    hostname: str = ""
    sessions: Callable[[], Sequence[LocalSession]] = field(default=lambda: ())
    mark: Callable[[], object | None] = field(default=lambda: None)
