"""What a user's sessions are narrowed to and ordered by, and what is shown of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

State = Literal["live", "quiet", "ended"]
"""`live`: something came lately; `ended`: its end was told, and nothing came after that."""

Order = Literal["moment", "first_seen", "bytes", "lines", "masked", "cwd", "hostname"]
ORDERS: tuple[Order, ...] = (
    "moment",
    "first_seen",
    "bytes",
    "lines",
    "masked",
    "cwd",
    "hostname",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sessions are narrowed to; what is empty does not narrow them.

    `since` counts, `until` does not: the newest message was in between. `only` names sessions
    by their public ids.
    """

    project: str = ""
    branch: str = ""
    machine: str = ""
    user: str = ""
    state: State | Literal[""] = ""
    since: datetime | None = None
    until: datetime | None = None
    only: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A session in a list; `masked` is `None` where secrets were not counted in time."""

    session_id: str
    external_id: str
    provider: str
    title: str
    moment: datetime
    first_seen: datetime
    last_sync_at: datetime
    state: State
    cwd: str | None
    hostname: str | None
    username: str | None
    branch: str | None
    files: int
    lines: int
    bytes: int
    masked: int | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the sessions that are wanted, how many there are, and their bytes together."""

    sessions: tuple[Shown, ...]
    total: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, each with the number of its sessions, the most first."""

    projects: tuple[tuple[str, int], ...]
    branches: tuple[tuple[str, int], ...]
    machines: tuple[tuple[str, int], ...]
    users: tuple[tuple[str, int], ...]
