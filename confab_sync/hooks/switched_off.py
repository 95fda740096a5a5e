"""What every hook does where `CONFAB_DISABLED` is set: say that this session is left alone.

Without a marker whoever catches up later would find the transcript on disk and copy it.
"""

from __future__ import annotations

from confab_sync.presence import lock, marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.claude.payload import Payload
    from confab_sync.hooks.surroundings import Surroundings


def switched_off(payload: Payload, around: Surroundings) -> None:
    """Keep daemons off until the session is opened without it. Raises `OSError`.

    One that another Claude Code's hooks have started for the same session goes on.
    """
    paths = around.paths.session(payload.session_id)
    if marker.reason(paths.off) is None and not lock.is_held(paths.lock):
        marker.put(paths.off, marker.DISABLED)
