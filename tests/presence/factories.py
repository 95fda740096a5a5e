"""Sessions in a temporary directory, and what is said about them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from confab_sync.paths import PROVIDER, SessionPaths
from confab_sync.presence import inbox, lock
from confab_sync.presence import state as states

if TYPE_CHECKING:
    from confab_sync.presence.inbox import Record
    from confab_sync.process import Identity

TRANSCRIPT = "/h/.claude/projects/p/s.jsonl"


def session_at(directory: Path | str, external_id: str = "s") -> SessionPaths:
    """The presence files of one session below `directory`."""
    return SessionPaths(str(directory), PROVIDER, external_id)


def start(parent: Identity | None = None, path: str = TRANSCRIPT) -> Record:
    """Somebody opened the session."""
    named = parent.to_json() if parent else None
    return {"type": inbox.START, "transcript_path": path, "cwd": "/h", "parent": named}


def end(parent: Identity | None = None) -> Record:
    """Somebody ended it."""
    return {"type": inbox.END, "parent": parent.to_json() if parent else None}


def go_end(path: str = TRANSCRIPT) -> Record:
    """The Go CLI's record, which names nobody (contract §4.2)."""
    payload = {"session_id": "s", "transcript_path": path, "cwd": "/h", "reason": "exit"}
    return {"type": inbox.END, "timestamp": "2026-02-03T10:00:00+01:00", "hook_input": payload}


def stop() -> Record:
    """The user asked to stop."""
    return {"type": inbox.STOP}


def moved(path: str) -> Record:
    """The transcript lies elsewhere."""
    return {"type": inbox.MOVED, "transcript_path": path}


def state_of(paths: SessionPaths, daemon: Identity | None = None) -> states.State:
    """The state of a daemon of ours, written down."""
    state = states.initial(paths, transcript_path=TRANSCRIPT, cwd="/h", parent=None, run_id="r")
    if daemon is not None:
        state = {**state, "pid": daemon.pid, "daemon": daemon.to_json()}
    states.write(paths.state, state)
    return state


def take(paths: SessionPaths) -> int:
    """The session's lock, which must be free."""
    taken = lock.take(paths.lock)
    assert taken is not None
    return taken


def files_in(directory: Path | str) -> list[str]:
    """The names in `directory`, sorted."""
    return sorted(os.listdir(directory))
