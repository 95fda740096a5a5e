"""SessionStart: say who opened the session, then make sure that it has a daemon.

It comes again for the same id at every resume, compaction and second client; then the
living daemon only learns of one more parent or a newer path (behaviour sheet §3).
"""

from __future__ import annotations

from confab_sync.claude.parent import claude_process
from confab_sync.hooks.records import start_record
from confab_sync.presence import marker, notice, session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.claude.payload import Payload
    from confab_sync.hooks.surroundings import Surroundings


def session_start(payload: Payload, around: Surroundings) -> str | None:
    """Run the hook; returns a message when the user must know something. Raises `OSError`."""
    paths = around.paths.session(payload.session_id)
    if marker.reason(paths.off) in (marker.STOPPED, marker.DISABLED):
        marker.clear(paths.off)
    if around.kept_off(paths, payload) is not None:
        return notice.take(around.paths)
    if session.foreign_daemon(paths, around.processes) is not None:
        return notice.take(around.paths)
    parent = claude_process(around.processes, around.environ)
    session.announce(paths, start_record(payload, parent, around.recorded_project_dir()))
    if not around.ensure_daemon(paths, payload, parent):
        session.nudge(paths, around.processes)
    around.wake_finisher(eager=True)
    return notice.take(around.paths)
