"""The registry as the engine uses it for one session: it may fail, and syncing goes on.

What cannot be written is kept in memory for this daemon's life; the backend's positions
put it right after a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from confab_sync.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.engine.registry import Acknowledged, KnownFile, Registry

Answer = TypeVar("Answer")


class Ledger:
    """One session's page in the registry.

    `open_registry` is tried when the registry is first needed and again after a failure, at
    the next write; `complain` is told of each failure.
    """

    def __init__(
        self,
        provider: str,
        external_id: str,
        open_registry: Callable[[], Registry],
        complain: Callable[[RegistryError], None],
    ) -> None:
        self._key = (provider, external_id)
        self._open_registry = open_registry
        self._complain = complain
        self._registry: Registry | None = None

    def see(self, transcript_path: str, cwd: str) -> None:
        """The session exists and has a daemon."""
        self._try(lambda registry: registry.see(*self._key, transcript_path, cwd))

    def opened(self, backend: str, session_id: str) -> None:
        """The backend keeps the session under this id."""
        self._try(lambda registry: registry.opened(*self._key, backend, session_id))

    def files(self) -> dict[str, KnownFile]:
        """What is known of the session's files; nothing when the registry cannot tell."""
        return self._try(lambda registry: registry.files(*self._key)) or {}

    def spans(self, name: str) -> list[Acknowledged]:
        """The acknowledged spans of a file."""
        return self._try(lambda registry: registry.spans(*self._key, name)) or []

    def acknowledge(self, file: KnownFile, span: Acknowledged | None = None) -> None:
        """A file stands at a new position."""
        self._try(lambda registry: registry.acknowledge(*self._key, file, span))

    def settle(self, *, finished: bool, error: str = "") -> None:
        """Whether everything is acknowledged, and what last went wrong."""
        self._try(lambda registry: registry.settle(*self._key, finished=finished, error=error))

    def record(self, event: str, detail: str = "") -> None:
        """Something happened in the daemon's life."""
        self._try(lambda registry: registry.record(*self._key, event, detail))

    def close(self) -> None:
        """Let go of the registry."""
        if self._registry is not None:
            self._try(lambda registry: registry.close())
            self._registry = None

    def _try(self, action: Callable[[Registry], Answer]) -> Answer | None:
        try:
            if self._registry is None:
                self._registry = self._open_registry()
            return action(self._registry)
        except RegistryError as error:
            self._complain(error)
            return None
