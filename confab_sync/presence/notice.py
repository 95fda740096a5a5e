"""A sentence that the user must read, shown once at the next session start."""

from __future__ import annotations

import os

from confab_sync.presence import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.paths import Paths


def leave(paths: Paths, about: str, text: str) -> bool:
    """Leave a notice about a subject; False when the user was already told the same.

    What was said last is remembered until `settle`, so a trouble that lasts is told once.
    Raises `OSError`.
    """
    known = state.read(paths.notice) or {}
    if known.get("about") == about and known.get("text") == text:
        return False
    state.write(paths.notice, {"about": about, "text": text, "shown": False})
    return True


def take(paths: Paths) -> str | None:
    """The notice to show now, marked as shown; None when there is nothing new to say."""
    if not os.path.lexists(paths.notice):
        return None
    known = state.read(paths.notice)
    if known is None or known.get("shown") is not False or not isinstance(known.get("text"), str):
        return None
    try:
        state.write(paths.notice, {**known, "shown": True})
    except OSError:  # then it is shown once more
        pass
    return str(known["text"])


def settle(paths: Paths, about: str) -> None:
    """The trouble is over: forget the notice about it, shown or not."""
    known = state.read(paths.notice)
    if known is not None and known.get("about") == about:
        try:
            os.unlink(paths.notice)
        except FileNotFoundError:
            pass
