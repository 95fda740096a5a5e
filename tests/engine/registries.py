"""Registries in a directory, and one session in them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.engine.known import KnownFile
from confab_sync.engine.position import Evidence, Position
from confab_sync.engine.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
KEY = ("claude-code", "abc")
FILE = KnownFile(
    "abc.jsonl", "transcript", Position(2, 8, True), Evidence(8, b"h", 8, b"t"), 9, 10**18, "odd"
)


def open_registry(directory: Path, *, create: bool = True) -> Registry:
    """The registry, whose clock goes on by a second at each look."""
    moments = (NOW + timedelta(seconds=number) for number in itertools.count())
    path = str(directory / "registry.db")
    return Registry(path, clock=lambda: next(moments), create=create, patience=0.2)


def seen(directory: Path) -> Registry:
    """The registry once it has seen the session."""
    registry = open_registry(directory)
    registry.see(*KEY, "/p/abc.jsonl", "/home/u")
    return registry
