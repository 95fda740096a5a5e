"""Sentences that the user must read, each shown once at the next session start.

One file for each subject, so that the troubles of two backends, which no two daemons know
of each other, are both told.
"""

from __future__ import annotations

import os

from confab_sync.paths import make_private_directory
from confab_sync.presence import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.paths import Paths
    from confab_sync.presence.state import State

TRIES = 10
"""How often a notice is written before a directory that goes meanwhile is a failure."""


def leave(paths: Paths, about: str, text: str) -> bool:
    """Leave a notice about a subject; False when the user was already told the same.

    What was said last is remembered until `settle`, so a trouble that lasts is told once.
    Raises `OSError`.
    """
    place = _place(paths, about)
    known = state.read(place) or {}
    if known.get("about") == about and known.get("text") == text:
        return False
    # One broken file is the trouble of every backend that is named in it.
    shown = any(each["text"] == text and each.get("shown") is True for _, each in _all(paths))
    for _ in range(TRIES):
        make_private_directory(paths.notices)
        try:
            state.write(place, {"about": about, "text": text, "shown": shown})
            break
        except FileNotFoundError:  # somebody settled what was the last one
            continue
    return not shown


def take(paths: Paths) -> str | None:
    """What to show now, marked as shown; None when there is nothing new to say."""
    texts = []
    for place, known in _all(paths):
        if known.get("shown") is not False:
            continue
        try:
            state.write(place, {**known, "shown": True})
        except OSError:  # then it is shown once more
            pass
        texts.append(known["text"])
    return "\n".join(dict.fromkeys(texts)) or None


def settle(paths: Paths, about: str) -> None:
    """The trouble is over: forget the notice about it, shown or not."""
    if not os.path.lexists(paths.notices):
        return
    try:
        os.unlink(_place(paths, about))
        os.rmdir(paths.notices)
    except OSError:  # there was none, or there are others
        pass


def subjects(paths: Paths) -> list[str]:
    """What there are notices about, shown or not."""
    return sorted(str(known.get("about") or "") for _, known in _all(paths))


def _place(paths: Paths, about: str) -> str:
    from hashlib import sha256  # no hook leaves a notice

    name = sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{paths.notices}/{name}.json"


def _all(paths: Paths) -> list[tuple[str, State]]:
    """Every notice that can be read, with its place."""
    try:
        names = sorted(os.listdir(paths.notices))
    except OSError:
        return []
    places = [f"{paths.notices}/{name}" for name in names if name.endswith(".json")]
    read = [(place, state.read(place)) for place in places]
    return [(place, known) for place, known in read if known and isinstance(known.get("text"), str)]
