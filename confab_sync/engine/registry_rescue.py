"""Opening the registry although it may be damaged: then it is moved aside and begun anew.

Nothing is lost with it: positions come back from the backend, sessions from their files.
"""

from __future__ import annotations

import glob
import os
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.engine.registry import Registry
from confab_sync.errors import RegistryDamaged, RegistryError
from confab_sync.files import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

ASIDE = ".damaged-"
"""Follows the registry's name in that of one that was moved aside; the moment comes after it."""

JOURNALS = ("", "-wal", "-shm", "-journal")


def open_registry(
    path: str,
    *,
    clock: Callable[[], datetime],
    moved: Callable[[str], None] = lambda _: None,
) -> Registry:
    """The registry at `path`; a damaged one is moved aside first, and `moved` told where to.

    Raises `RegistryError` for what else stands in the way: a newer version stays as it is.
    """
    try:
        return Registry(path, clock=clock)
    except RegistryDamaged:
        rescue(path, clock=clock, moved=moved)
        return Registry(path, clock=clock)


def rescue(path: str, *, clock: Callable[[], datetime], moved: Callable[[str], None]) -> bool:
    """Move the registry aside if it really is damaged; whether that was so.

    Of several processes that find it damaged one moves it; the others find its successor.
    Raises `RegistryError`.
    """
    try:
        with locked(f"{path}.rescue"):
            if not _is_damaged(path, clock):
                return False
            aside = f"{path}{ASIDE}{clock():%Y%m%dT%H%M%S.%fZ}"
            for journal in JOURNALS:
                try:
                    os.rename(path + journal, aside + journal)
                except FileNotFoundError:
                    continue
    except OSError as error:
        raise RegistryError(
            f"the damaged registry {path} cannot be moved aside: {error}"
        ) from error
    moved(aside)
    return True


def moved_aside(path: str) -> list[str]:
    """The damaged registries that lie beside the one at `path`, oldest first."""
    found = glob.glob(glob.escape(path + ASIDE) + "*")
    return sorted(name for name in found if not name.endswith(JOURNALS[1:]))


def _is_damaged(path: str, clock: Callable[[], datetime]) -> bool:
    """Whether opening it, reading all of it or a table that should be there, fails for good."""
    try:
        with closing(Registry(path, clock=clock, create=False)) as registry:
            return not registry.is_sound()
    except RegistryDamaged:
        return True
    except RegistryError:
        return False
