"""Whether there is anything left to do about one file of a session without a daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.layout import SIDE
from confab_sync.engine.known import NOT_TAKEN, REFUSED, UNFINISHED_LINE

if TYPE_CHECKING:
    from confab_sync.claude.layout import Sighting
    from confab_sync.engine.known import KnownFile

QUIET_SECONDS = 300
"""How long a file must not have been written to before nobody is taken to write to it."""


def is_settled(seen: Sighting, known: KnownFile | None, looked_at: float) -> bool:
    """Whether the file, as it was `seen`, needs no other look.

    `known` is what the registry knows of it, `looked_at` when that was last true, in seconds
    since the epoch. An unfinished line that was seen after the file had come to rest stays
    one, and what the backend has refused it refuses again, as long as the file is the same.
    """
    if known is None:
        return seen.size == 0 and seen.kind != SIDE
    if known.has_diverged or known.is_all_of(seen):
        return True
    if known.size != seen.size:
        return False
    if NOT_TAKEN in known.note or known.note.startswith(REFUSED):
        return True
    is_at_rest = looked_at - seen.mtime_ns / 1e9 > QUIET_SECONDS
    return UNFINISHED_LINE in known.note and is_at_rest
