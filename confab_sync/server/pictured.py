"""The values that the picture of machines and sessions is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Context:
    """How full a model's context is, in tokens."""

    used: int
    size: int

    @property
    def percent(self) -> int:
        """The part that is used."""
        return min(100, self.used * 100 // max(1, self.size))


@dataclass(frozen=True, slots=True)
class Row:
    """One session; what is not known is empty or `None`.

    `state` is the phase in a word, `connection` is told where it is not simply online. `tone`
    says how the state is meant: `good`, `warn`, `bad` or nothing.
    """

    key: str
    session_id: str
    title: str
    project: str
    branch: str
    state: str
    tone: str
    connection: str = ""
    note: str = ""
    last_online: datetime | None = None
    is_alive: bool = False
    lines: int = 0
    behind: int | None = None
    lag: float | None = None
    context: Context | None = None
    first: datetime | None = None
    last: datetime | None = None
    backend: str = ""


@dataclass(frozen=True, slots=True)
class MachineView:
    """A machine's last picture; `more` sessions of it are not shown."""

    key: str
    hostname: str
    username: str
    is_here: bool
    last: datetime | None
    rows: tuple[Row, ...]
    more: int = 0

    @property
    def alive(self) -> int:
        """How many of the shown sessions are going on."""
        return sum(row.is_alive for row in self.rows)


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it."""

    machines: tuple[MachineView, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The sessions of all machines."""
        return tuple(row for machine in self.machines for row in machine.rows)

    @property
    def alive(self) -> int:
        """How many sessions are going on."""
        return sum(machine.alive for machine in self.machines)

    @property
    def troubled(self) -> int:
        """How many sessions are offline, in error or left unfinished."""
        return sum(row.tone in ("warn", "bad") for row in self.rows)
