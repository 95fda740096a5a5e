"""UserPromptSubmit: wake the session's daemon, or start one that should have been there.

The prompt itself is never stored. Its transcript follows within a third of a second
(behaviour sheet §2), so the nudge makes a resting daemon ready for it.
"""

from __future__ import annotations

from confab_sync.presence import lock, session
from confab_sync.presence import state as states
from confab_sync.process import Identity, is_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.claude.payload import Payload
    from confab_sync.hooks.surroundings import Surroundings
    from confab_sync.paths import SessionPaths
    from confab_sync.presence.state import State


def user_prompt_submit(payload: Payload, around: Surroundings) -> None:
    """Run the hook. Raises `OSError`."""
    _wake_daemon(payload, around)
    around.wake_finisher()


def _wake_daemon(payload: Payload, around: Surroundings) -> None:
    paths = around.paths.session(payload.session_id)
    if around.kept_off(paths, payload) is not None:
        return
    if lock.is_held(paths.lock):
        state = states.read(paths.state)
        if state and state.get("transcript_path") != payload.transcript_path:
            from confab_sync.hooks.records import moved_record

            session.announce(paths, moved_record(payload))
        if state is not None and session.nudge_daemon(state, around.processes):
            return
        # Without a state the lock is the finisher's, who starts a daemon if the inbox says so.
        if state is not None and not _was_killed(state, around, paths):
            return
    if session.foreign_daemon(paths, around.processes) is not None:
        return
    from confab_sync.hooks.records import start_record

    parent = around.claude()
    session.announce(paths, start_record(payload, parent, around.recorded_project_dir()))
    around.ensure_daemon(paths, payload, parent)


def _was_killed(state: State | None, around: Surroundings, paths: SessionPaths) -> bool:
    """Whether the lock is only still held because its daemon was killed a moment ago."""
    daemon = Identity.from_json(state.get("daemon")) if state else None
    if daemon is None or is_alive(around.processes, daemon):
        return False
    return lock.becomes_free(paths.lock)
