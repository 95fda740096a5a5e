"""A session that is to be finished although it has no daemon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.presence.inbox import Record


@dataclass(frozen=True, slots=True)
class Candidate:
    """A session to finish. `deadline` and `modified` are in seconds since the epoch.

    Of a daemon that died it has the inbox up to byte `seen`, with the `end` and the
    `directories` it tells of; if `is_live`, somebody has the session open, and it needs a
    daemon.
    """

    external_id: str
    transcript_path: str
    cwd: str = ""
    modified: float = 0.0
    deadline: float = 0.0
    seen: int = 0
    end: Record | None = None
    directories: frozenset[str] = frozenset()
    is_live: bool = False
