"""A session's page in this user's registry, which is mended on the way if it is damaged."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.engine import registry_rescue
from confab_sync.engine.ledger import Ledger
from confab_sync.presence import due, notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.engine.registry import Registry
    from confab_sync.errors import RegistryError
    from confab_sync.paths import Paths, SessionPaths


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def page(
    all_paths: Paths,
    paths: SessionPaths,
    complain: Callable[[RegistryError], None],
    clock: Callable[[], datetime] = now,
) -> Ledger:
    """The page of one session; `complain` is told of each failure of the registry."""
    moved = partial(_moved, all_paths)
    return Ledger(
        paths.provider,
        paths.external_id,
        lambda: open_registry(all_paths, clock),
        complain,
        lambda: registry_rescue.rescue(all_paths.registry, clock=clock, moved=moved),
    )


def open_registry(all_paths: Paths, clock: Callable[[], datetime] = now) -> Registry:
    """The registry; a damaged one is moved aside, and the user told. Raises `RegistryError`."""
    return registry_rescue.open_registry(
        all_paths.registry, clock=clock, moved=partial(_moved, all_paths)
    )


def _moved(all_paths: Paths, aside: str) -> None:
    """Tell the user, and have every session looked at again: the new registry knows none."""
    text = f"confab: its registry was damaged and is now {aside}; a new one is being put together"
    try:
        notice.leave(all_paths, "registry", text)
        due.put_off(all_paths.finisher.due, time.time())
    except OSError:  # status says it as well, and the finisher looks at everything in time
        pass
