"""How confab stands: what `confab status` shows, and docs/status.md describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.cli.views import CatchUpView


@dataclass(frozen=True, slots=True)
class BackendView:
    """One place that copies go to; `error` says why it cannot be used now.

    `directories` are Claude's configuration directories whose sessions go there.
    """

    name: str
    answers: bool
    account: str = ""
    error: str = ""
    directories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HooksView:
    """The hooks in one settings file: `installed`, `incomplete`, `missing` or `switched off`."""

    settings: str
    state: str


@dataclass(frozen=True, slots=True)
class DaemonsView:
    """How many daemons there are; `behind` counts those with something left to send."""

    running: int = 0
    syncing: int = 0
    resting: int = 0
    behind: int = 0
    offline: int = 0


@dataclass(frozen=True, slots=True)
class BacklogView:
    """What is not archived, in sessions and bytes; `never` are those confab has nothing of, and
    `left_out` those that were not wanted at setup, which are not counted elsewhere.

    Unless it is `whole`, what lies on disk could not be looked at, and there may be more.
    """

    whole: bool = True
    sessions: int = 0
    bytes: int = 0
    never: int = 0
    left_out: int = 0
    deleted_soon: int = 0
    first_deletion: str = ""


@dataclass(frozen=True, slots=True)
class DiskView:
    """Bytes on disk."""

    store: int = 0
    index: int = 0
    logs: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it, and in `problems` what is wrong."""

    version: str
    backends: tuple[BackendView, ...]
    hooks: tuple[HooksView, ...]
    masking: str
    paused: str
    ignored: tuple[str, ...]
    daemons: DaemonsView
    backlog: BacklogView
    catch_up: CatchUpView | None
    disk: DiskView
    problems: tuple[str, ...]
