"""What the registry knows, for commands that go on without it."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.engine.registry import Registry
from confab_sync.errors import RegistryError

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.engine.known import KnownSession

PATIENCE = 2.0
"""Seconds that a person waits for a registry in which somebody else writes."""


def known_sessions(context: Context) -> tuple[list[KnownSession], RegistryError | None]:
    """The sessions, most recently seen first, or why they cannot be told."""
    if not os.path.exists(context.paths.registry):
        return [], None
    try:
        registry = Registry(
            context.paths.registry, clock=context.clock, create=False, patience=PATIENCE
        )
        with closing(registry):
            return registry.sessions(), None
    except RegistryError as error:
        return [], error
