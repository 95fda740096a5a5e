"""Where `confab search` looks: at servers, in the store, and on this disk where a server cannot."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confab_sync.cli.choosing import is_below, places_of
from confab_sync.cli.found import from_server, from_store
from confab_sync.cli.searching import opened_index, update
from confab_sync.cli.wording import counted
from confab_sync.config import load_config
from confab_sync.errors import BackendError
from confab_sync.store import search as store_search

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from confab_sync.cli.context import Context
    from confab_sync.cli.found import FoundSession
    from confab_sync.cli.searching import Progress
    from confab_sync.config import Binding, Config
    from confab_sync.errors import ConfabError
    from confab_sync.store.words import Question

SECONDS = 10.0
"""For a server to answer."""

STORE = "the store of this machine"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for, and in which sessions; `limit` of them at each place."""

    query: str
    question: Question
    project: str | None
    since: datetime | None
    limit: int

    def admits(self, directory: str, last: datetime) -> bool:
        """Whether a session that worked there, and had its last message then, is wanted."""
        if self.project is not None and not is_below(directory, self.project):
            return False
        return self.since is None or last >= self.since


@dataclass(slots=True)
class Search:
    """What was found, what a person should know of it, and what was in the way."""

    sessions: dict[str, FoundSession] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: list[ConfabError] = field(default_factory=list)

    def add(self, found: Sequence[FoundSession]) -> None:
        """Take in what was found at one more place; the first that has a session shows it."""
        for each in found:
            self.sessions.setdefault(each.external_id, each)


def everywhere(context: Context, wish: Wish, progress: Progress) -> Search:
    """What is found at the servers of config.json, in the store, and where need be on disk.

    `progress` is told how far the store's index is. A server that cannot be asked is an error
    among what was found. Raises `ConfigError` and `StoreError`.
    """
    config = load_config(context.paths.config)
    servers = _servers(config)
    search = Search()
    is_all_searched = True
    for target in servers:
        try:
            is_searched = _at_server(context, config, target, wish, search)
        except BackendError as error:
            search.errors.append(error)
            is_searched = False
        is_all_searched = is_all_searched and is_searched
    if not servers or os.path.exists(context.paths.store):
        _in_store(context, wish, search, progress)
    if not is_all_searched:
        _on_disk(context, wish, search)
    return search


def _servers(config: Config) -> Sequence[Binding]:
    if not (config.backend_url or config.bindings):
        return ()
    from confab_sync.cli.reaching import targets  # loads half of the client

    return targets(config)


def _at_server(
    context: Context, config: Config, target: Binding, wish: Wish, search: Search
) -> bool:
    """Whether the server searches. Raises `BackendError` and `ConfigError`."""
    # Not for a search of the store: the client takes several interpreter starts to import.
    from confab_sync.backends.http import searching
    from confab_sync.cli.connecting import client

    url = target.backend_url
    asking = client(context, config, url, target.api_key, SECONDS, login=target.login)
    with closing(asking) as there:
        found = searching.search(
            there,
            wish.query,
            projects=places_of(wish.project) if wish.project is not None else (),
            since=wish.since,
            limit=wish.limit,
        )
    if found is None:
        search.notes.append(f"{url} does not search what is said in its sessions")
        return False
    if not found.is_up_to_date:
        search.notes.append(f"{url} is still bringing its index up to date")
    search.add(from_server(url, found.sessions))
    return True


def _in_store(context: Context, wish: Wish, search: Search, progress: Progress) -> None:
    with opened_index(context) as (store, index):
        if not update(store, index, progress):
            search.notes.append("the index is being brought up to date elsewhere")
        sessions = (
            each
            for each in store.sessions()
            if wish.admits(each.cwd or "", each.last_message_at or each.last_sync_at)
        )
        hits = store_search.search(index, wish.question, sessions, wish.limit).hits
    search.add(from_store(STORE, hits))


def _on_disk(context: Context, wish: Wish, search: Search) -> None:
    from confab_sync.cli.disk_search import search_on_disk  # loads the masker

    found, number = search_on_disk(
        context, wish.question, lambda each: wish.admits(each.project, each.last), wish.limit
    )
    search.notes.append(
        f"so {counted(number, 'transcript')} on this machine were searched instead"
        if number != 1
        else "so the one transcript on this machine was searched instead"
    )
    search.add(found)
