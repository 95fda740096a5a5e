"""Removing old sessions from the store so that nothing of them comes back or is found."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.claude.layout import on_disk
from confab_sync.cli.living import is_held
from confab_sync.cli.remains import is_ours
from confab_sync.cli.stopping import keep_off
from confab_sync.cli.wording import span
from confab_sync.errors import UsageError
from confab_sync.presence import marker
from confab_sync.store.index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from confab_sync.cli.context import Context
    from confab_sync.store.store import Store
    from confab_sync.store.values import Pruned, StoredSession


def parse_age(text: str) -> timedelta:
    """The span of time that `30d`, `12w` or `6h` stands for; raises `UsageError` for others."""
    age = span(text, "hdw")
    if not age:
        raise UsageError(f"'{text}' is not an age; write a number and h, d or w, such as 400d")
    return age


def limit_of(context: Context, age: timedelta) -> datetime:
    """The moment that was `age` ago. Raises `UsageError`."""
    try:
        return context.clock() - age
    except OverflowError:
        raise UsageError("--keep reaches back to before the first year") from None


def prune(
    context: Context,
    store: Store,
    limit: datetime,
    sessions: Mapping[str, StoredSession],
    *,
    at_most: int | None = None,
) -> Pruned:
    """Remove the sessions that nothing has reached since `limit`, `at_most` so many.

    `sessions` are those of this machine's user by public id: daemons are told not to copy them
    anew. Raises `StoreError`.
    """
    due = store.prune(limit, dry_run=True, at_most=at_most).session_ids
    kept_off = _keep_off(context, due, sessions)
    pruned = store.prune(limit, at_most=at_most)
    for session_id in kept_off.keys() - {*pruned.session_ids}:  # it came to life meanwhile
        marker.clear(kept_off[session_id])
    if pruned.session_ids and os.path.exists(context.paths.index):
        with closing(SearchIndex(context.paths.index)) as index:
            index.drop_deleted(store)
    return pruned


def _keep_off(
    context: Context, due: Iterable[str], sessions: Mapping[str, StoredSession]
) -> dict[str, str]:
    """Keep those that will be pruned from being copied anew; their markers.

    What is neither on disk nor looked after by a daemon cannot come back.
    """
    kept_off = {}
    for session_id in due:
        session = sessions.get(session_id)
        if session is None or not is_ours(session):
            continue
        paths = context.paths.session(session.external_id)
        if marker.reason(paths.off) is not None:
            continue
        if is_held(paths) or os.path.lexists(on_disk(session.transcript_path)):
            keep_off(context, session.external_id, marker.DELETED)
            kept_off[session_id] = paths.off
    return kept_off
