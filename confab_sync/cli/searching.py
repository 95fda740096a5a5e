"""Looking for words in every archived session, with the index brought up to date first."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude.passages import passages
from confab_sync.store.index import Passage, SearchIndex
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.cli.context import Context
    from confab_sync.store.index import Found
    from confab_sync.store.values import FileExtent, StoredSession
    from confab_sync.store.words import Question

    Progress = Callable[[int, int], None]

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


@contextmanager
def opened_index(context: Context) -> Iterator[tuple[Store, SearchIndex]]:
    """The store and its index. Raises `StoreError`, also when there is no store yet."""
    with (
        Store.open(context.paths.store, clock=context.clock, create=False) as store,
        closing(SearchIndex(context.paths.index)) as index,
    ):
        yield store, index


def update(store: Store, index: SearchIndex, progress: Progress) -> bool:
    """Bring the index up to date; False when another process is doing so."""
    return index.update(store, _passages, progress)


def search(
    store: Store,
    index: SearchIndex,
    question: Question,
    is_wanted: Callable[[StoredSession], bool],
    limit: int,
) -> list[Hit]:
    """The sessions, `limit` at most, with the best passages; that of the best one first."""
    sessions = {session.session_id: session for session in store.sessions() if is_wanted(session)}
    grouped: dict[str, list[Found]] = {}
    for found in index.search(question, sessions, CONSIDERED):
        grouped.setdefault(found.session_id, []).append(found)
    hits = (
        Hit(sessions[session_id], tuple(_distinct(found)[:PER_SESSION]), len(found))
        for session_id, found in grouped.items()
    )
    return [hit for hit, _ in zip(hits, range(limit), strict=False)]


def _distinct(found: Iterable[Found]) -> list[Found]:
    """Passages that say the same only once: what a tool was told to write, and read again."""
    best: dict[str, Found] = {}
    for each in found:
        best.setdefault(each.passage.text, each)
    return list(best.values())


def _passages(extent: FileExtent, lines: Iterable[bytes], first_line: int) -> Iterator[Passage]:
    return (Passage(*each) for each in passages(extent.file_type, lines, first_line))
