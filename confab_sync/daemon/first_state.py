"""What the large image starts from: the state that the spawn or the image before it wrote."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.presence import state as states
from confab_sync.process import identify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.daemon.machine import Machine
    from confab_sync.paths import SessionPaths
    from confab_sync.process import Processes


def first_state(paths: SessionPaths, processes: Processes) -> dict[str, Any]:
    """What the spawn or an earlier image wrote; made anew if it cannot be read."""
    state = states.read(paths.state)
    if state is not None and states.is_ours(state):
        return state
    fresh = states.initial(
        paths, transcript_path="", cwd="", parent=None, run_id=os.urandom(8).hex()
    )
    myself = identify(processes, os.getpid())
    named = {"daemon": myself.to_json()} if myself else {}
    return {**fresh, "pid": os.getpid(), **named}


def lived_as(state: Mapping[str, Any], machine: Machine) -> tuple[str, str]:
    """The backend and the session's id there, as the image before this one had them.

    Nothing for a server when the configuration has changed since: another key may be another
    user's.
    """
    place, session_id = state.get("backend"), state.get("confab_session_id")
    if not isinstance(place, str) or not isinstance(session_id, str):
        return "", ""
    is_store = place == EmbeddedBackend.name
    if not is_store and machine.was_configured_since(str(state.get("phase_since"))):
        return "", ""
    return place, session_id
