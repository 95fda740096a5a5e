"""What registry and store know of sessions, for commands that neither make nor mend them."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.engine.registry import Registry
from confab_sync.errors import RegistryError

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.engine.known import KnownSession
    from confab_sync.store.values import StoredSession

EMBEDDED = "embedded"
"""The name of the embedded store as a backend: its module is not loaded just to ask for that."""

PATIENCE = 2.0
"""Seconds that a person waits for a registry in which somebody else writes."""


def opened_registry(context: Context) -> Registry:
    """The registry, which has to exist. Raises `RegistryError`."""
    return Registry(context.paths.registry, clock=context.clock, create=False, patience=PATIENCE)


def registered_sessions(context: Context) -> list[KnownSession]:
    """The registry's sessions, most recently seen first. Raises `RegistryError`."""
    if not os.path.exists(context.paths.registry):
        return []
    with closing(opened_registry(context)) as registry:
        return registry.sessions()


def known_sessions(context: Context) -> tuple[list[KnownSession], RegistryError | None]:
    """The registry's sessions, most recently seen first, or why they cannot be told."""
    try:
        return registered_sessions(context), None
    except RegistryError as error:
        return [], error


def lost_with_the_store(context: Context) -> int:
    """How many archived sessions there were in a store that is not there any more."""
    if os.path.exists(context.paths.store):
        return 0
    sessions, _ = known_sessions(context)
    return sum(each.backend == EMBEDDED and each.finished for each in sessions)


def stored_sessions(context: Context) -> list[StoredSession]:
    """The sessions of the store's owner; none where there is no store. Raises `StoreError`."""
    from confab_sync.store.store import Store  # not needed by those who ask for the registry

    if not os.path.exists(context.paths.store):
        return []
    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        return store.sessions()
