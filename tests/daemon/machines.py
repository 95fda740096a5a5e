"""A machine with sessions on disk, an embedded store, and a clock that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.daemon.machine import Machine
from tests.cli.archives import NOW, Home

if TYPE_CHECKING:
    from pathlib import Path


def machine_in(directory: Path) -> tuple[Home, Machine]:
    """A home, and the machine that a finisher sees there."""
    home = Home(directory)
    return home, Machine(home.paths, home.environ, clock=lambda: NOW)
