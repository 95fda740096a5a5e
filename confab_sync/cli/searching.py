"""The search index beside the store, as commands use it: brought up to date by who searches."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from confab_sync.claude.passages import passages
from confab_sync.store.index import SearchIndex
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confab_sync.cli.context import Context

    Progress = Callable[[int, int], None]


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
    return index.update(store, passages, progress)
