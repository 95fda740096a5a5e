"""What every command is given instead of reaching for globals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The environment of one command: its variables, its places on disk, its clock."""

    environ: Mapping[str, str]
    paths: Paths
    clock: Callable[[], datetime] = _now

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Context:
        """The context of a process with these environment variables."""
        return cls(environ=environ, paths=Paths(environ))
