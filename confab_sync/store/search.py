"""Looking for words in sessions: the best passages, put together session by session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.store.index import Found, SearchIndex
    from confab_sync.store.values import StoredSession
    from confab_sync.store.words import Question

PER_SESSION = 3
"""Passages of one session that are shown."""

CONSIDERED = 1000
"""The best passages, of all sessions together, that are looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A session with its best passages, the best one first, and how many there are at least."""

    session: StoredSession
    passages: tuple[Found, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits, of how many, and whether that is all: only the best are considered."""

    hits: tuple[Hit, ...]
    total: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A session by its id, with its best passages and how many there are at least."""

    session_id: str
    passages: tuple[Found, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Places:
    """One page of places, of how many, and whether that is all."""

    places: tuple[Place, ...]
    total: int
    is_all: bool


def places(
    index: SearchIndex, question: Question, session_ids: Iterable[str], limit: int, offset: int = 0
) -> Places:
    """Where something was said in these sessions, as `search` finds it."""
    found = index.search(question, session_ids, CONSIDERED)
    grouped: dict[str, list[Found]] = {}
    for each in found:
        grouped.setdefault(each.session_id, []).append(each)
    page = list(grouped.items())[offset : offset + limit]
    return Places(
        tuple(Place(name, tuple(_distinct(all_)[:PER_SESSION]), len(all_)) for name, all_ in page),
        len(grouped),
        len(found) < CONSIDERED,
    )


def search(
    index: SearchIndex,
    question: Question,
    sessions: Iterable[StoredSession],
    limit: int,
    offset: int = 0,
) -> Results:
    """The hits among `sessions`, that with the best passage first: `limit` after `offset`.

    Nothing of any other session is found, so whoever may see only some hands in only those.
    The index has to be up to date. Raises `StoreError`.
    """
    by_id = {session.session_id: session for session in sessions}
    found = places(index, question, by_id, limit, offset)
    hits = (Hit(by_id[each.session_id], each.passages, each.count) for each in found.places)
    return Results(tuple(hits), found.total, found.is_all)


def is_in(directory: str, place: str) -> bool:
    """Whether `directory` is `place`, or lies in it: an absolute path, or a directory's name."""
    if not place.startswith("/"):
        return place in directory.split("/")
    return directory == place or directory.startswith(place.rstrip("/") + "/")


def _distinct(found: Iterable[Found]) -> list[Found]:
    """Passages that say the same only once: what a tool was told to write, and read again."""
    best: dict[str, Found] = {}
    for each in found:
        best.setdefault(each.passage.text, each)
    return list(best.values())
