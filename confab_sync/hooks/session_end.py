"""SessionEnd: say who ended the session, then wake its daemon, or start one that finishes.

The record is written first, the pid read second, the signal sent third, so that whoever
owns the session by then finds the record (design, "Ownership and spawning").
"""

from __future__ import annotations

import os

from confab_sync.hooks.records import end_record
from confab_sync.presence import session
from confab_sync.process import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.claude.payload import Payload
    from confab_sync.hooks.surroundings import Surroundings


def session_end(payload: Payload, around: Surroundings) -> None:
    """Run the hook. Raises `OSError`."""
    paths = around.paths.session(payload.session_id)
    if around.kept_off(paths, payload, ends=True) is not None:
        return
    parent = around.claude()
    session.announce(paths, end_record(payload, parent))
    foreign = session.foreign_daemon(paths, around.processes)
    if foreign is not None:
        os.kill(foreign, signals.SIGTERM)  # the Go CLI's stop protocol, contract §4.2
        return
    if not around.ensure_daemon(paths, payload, parent):
        session.nudge(paths, around.processes)
    around.wake_finisher()
    around.wait_at_end(paths)
