"""What the supervisor is given to see and to act with, and what it answers in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.log import Log
    from confab_sync.daemon.messages import Mailbox
    from confab_sync.daemon.schedule import Schedule
    from confab_sync.daemon.settings import Settings
    from confab_sync.daemon.status import Status
    from confab_sync.daemon.worker import Worker
    from confab_sync.engine.report import CycleReport
    from confab_sync.engine.subject import Subject
    from confab_sync.presence.inbox import Record
    from confab_sync.presence.life import Life
    from confab_sync.process import Identity


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the supervisor's run ended.

    `rest` asks for the small image, with the `fingerprint` of what is acknowledged;
    `renew` for the large one of the package that is installed now, which is to obey `signal`
    if there is one that this image has not obeyed to the end. Otherwise the daemon is to leave.
    """

    rest: bool
    reason: str
    fingerprint: int = 0
    renew: bool = False
    signal: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the supervisor is given to see and to act with."""

    mailbox: Mailbox
    worker: Worker
    schedule: Schedule
    status: Status
    log: Log
    settings: Settings
    clock: Callable[[], float]
    read_inbox: Callable[[], tuple[list[Record], int]]
    is_alive: Callable[[Identity], bool]
    subject: Callable[[Life], Subject]
    """The session as its records tell it; paths that are not believable are left out."""
    is_current: Callable[[], bool]
    """Whether the installed package is the one that this image was started from."""
    idle_seconds: Callable[[], float]
    """How long nothing was written; it matters while no process is known to watch."""
    announce_move: Callable[[str], None]
    """Puts on record that the transcript lies elsewhere now."""
    tell: Callable[[CycleReport], None]
    """Tells the user, in time, of what only the user can mend."""
    stay_off: Callable[[str], None]
    """Keeps later daemons of the session away, and says why."""
    refused: Callable[[Life], str | None]
    """Why the user wants nothing more of the session to be sent; None while they do."""
    config_changed: Callable[[], bool]
    """Whether config.json is another one than when this was last asked."""
