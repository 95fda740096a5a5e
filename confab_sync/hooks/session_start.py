"""SessionStart: say who opened the session, then make sure that it has a daemon.

It comes again for the same id at every resume, compaction and second client; then the
living daemon only learns of one more parent or a newer path (behaviour sheet §3).
"""

from __future__ import annotations

import os

from confab_sync.hooks.records import start_record
from confab_sync.presence import session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.claude.payload import Payload
    from confab_sync.hooks.surroundings import Surroundings


def session_start(payload: Payload, around: Surroundings) -> str | None:
    """Run the hook; returns a message when the user must know something. Raises `OSError`."""
    paths = around.paths.session(payload.session_id)
    if os.path.lexists(paths.off):
        from confab_sync.presence import marker

        marker.reopen(paths.off)
    if around.kept_off(paths, payload) is not None:
        return around.notice()
    if session.foreign_daemon(paths, around.processes) is not None:
        return around.notice()
    parent = around.claude()
    session.announce(paths, start_record(payload, parent, around.recorded_project_dir()))
    if not around.ensure_daemon(paths, payload, parent):
        session.nudge(paths, around.processes)
    around.wake_finisher(eager=True)
    return around.notice()
