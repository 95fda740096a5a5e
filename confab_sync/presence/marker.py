"""The marker that keeps a session's daemon away, and says why."""

from __future__ import annotations

import os

from confab_sync.paths import check_own_directory, make_private_directory
from confab_sync.presence import state
from confab_sync.process import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

STOPPED = "stopped by the user"
"""Off until the next SessionStart; other reasons stay until they are taken back."""

DISABLED = "switched off by CONFAB_DISABLED"
"""Off until the next SessionStart without that variable."""

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


def parents(path: str) -> set[Identity]:
    """The Claude Code processes that the marker remembers; none where there is no marker."""
    named = (state.read(path) or {}).get("parents")
    found = map(Identity.from_json, named if isinstance(named, list) else ())
    return {identity for identity in found if identity is not None}


def put(path: str, why: str, parents: Iterable[Identity] = ()) -> None:
    """Keep daemons of the session away because of `why`, creating the marker's directory.

    `parents` are Claude Code processes to remember with it. Raises `OSError`.
    """
    content: state.State = {"reason": why, "since": state.timestamp()}
    if named := [identity.to_json() for identity in parents]:
        content["parents"] = named
    try:
        check_own_directory(os.path.dirname(path))
        state.write(path, content)
    except FileNotFoundError:
        make_private_directory(os.path.dirname(path))
        state.write(path, content)


def reopen(path: str) -> None:
    """Clear a marker that keeps daemons away only until the session is opened again."""
    if reason(path) in (STOPPED, DISABLED):
        clear(path)


def clear(path: str) -> None:
    """Let daemons start again; nothing happens when there is no marker."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
