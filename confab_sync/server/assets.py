"""The scripts and style sheets of the pages, each under a name that tells its content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from confab_sync.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "/static"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    path: str
    media_type: str
    data: bytes


def read_assets() -> Mapping[str, Asset]:
    """All of the package's static files by name. Raises `ServerError` when they are missing."""
    try:
        found = [
            (entry.name, entry.read_bytes())
            for entry in (files("confab_sync.server") / "static").iterdir()
            if entry.name.rpartition(".")[2] in _TYPES
        ]
    except OSError as error:
        raise ServerError(f"the pages of confab serve are not installed: {error}") from error
    return {name: _asset(name, data) for name, data in found}


def _asset(name: str, data: bytes) -> Asset:
    digest = hashlib.sha256(data).hexdigest()[:16]
    return Asset(f"{PREFIX}/{digest}/{name}", _TYPES[name.rpartition(".")[2]], data)
