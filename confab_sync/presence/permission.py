"""Whether a session may have a daemon now: its marker, kept in step with what the user decided."""

from __future__ import annotations

from confab_sync import consent
from confab_sync.presence import marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity


def kept_off(
    paths: SessionPaths,
    settings: Mapping[str, Any] | None,
    directories: Iterable[str],
    now: float,
) -> str | None:
    """Why the session is to have no daemon now, as its marker says from here on; else None.

    A marker that the user's settings had led to is put, replaced or taken away as they say
    now; one with another reason stays as it is. `directories` and `now` are those of
    `consent.refusal`. A disk that does not take the marker allows nothing.
    """
    marked = marker.reason(paths.off)
    ruled = consent.ruled_directory(marked) if marked else None
    asked = directories if ruled is None else (*directories, ruled)
    refused = consent.refusal(settings, asked, now)
    if marked is not None and not consent.is_refusal(marked):
        return refused or marked
    if refused is None:
        if marked is not None:
            marker.clear(paths.off)
    elif refused != marked:
        _put(paths, refused, marker.parents(paths.off))
    return refused


def remember(paths: SessionPaths, why: str, parents: Iterable[Identity], *, gone: bool) -> None:
    """Keep in a pause's marker whose session it is, for the moment when the pause is over.

    `parents` are the Claude Code processes that opened the session, or, if `gone`, ended it.
    Nothing happens when the marker says something else than the pause `why`.
    """
    if not consent.is_pause(why) or marker.reason(paths.off) != why:
        return
    known = marker.parents(paths.off)
    wanted = known - set(parents) if gone else known | set(parents)
    if wanted != known:
        _put(paths, why, wanted)


def _put(paths: SessionPaths, why: str, parents: Iterable[Identity]) -> None:
    try:
        marker.put(paths.off, why, parents if consent.is_pause(why) else ())
    except OSError:
        pass
