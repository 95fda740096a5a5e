"""The marker that keeps a session's daemon away, and says why."""

from __future__ import annotations

import os

from confab_sync.presence import state

STOPPED = "stopped by the user"
"""Off until the next SessionStart; every other reason stays until it is taken back."""

DELETED = "deleted at the backend"

FORGOTTEN = "forgotten by the user"


def reason(path: str) -> str | None:
    """Why the session stays off; None when it does not."""
    if not os.path.lexists(path):
        return None
    content = state.read(path)
    said = content.get("reason") if content else None
    # A marker nobody can read was still put there by somebody who meant it.
    return said if isinstance(said, str) else "unreadable marker"


def put(path: str, why: str) -> None:
    """Keep daemons of the session away because of `why`. Raises `OSError`."""
    state.write(path, {"reason": why, "since": state.timestamp()})


def clear(path: str) -> None:
    """Let daemons start again; nothing happens when there is no marker."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
