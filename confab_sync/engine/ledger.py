"""The registry as the engine uses it for one session: it may fail, and syncing goes on.

What cannot be written is kept in memory for this daemon's life; the backend's positions
put it right after a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from confab_sync.errors import RegistryDamaged, RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.engine.known import Acknowledged, KnownFile, KnownSession, OwedEnd
    from confab_sync.engine.registry import Registry

Answer = TypeVar("Answer")


class Ledger:
    """One session's page in the registry.

    `open_registry` is tried when the registry is first needed, and again after a failure or
    when its file was taken away; a new registry is told what the old one knew of the session
    itself. `complain` is told of each failure; `rescue` is called when the registry turns out
    to be damaged, and may put another in its place.
    """

    def __init__(
        self,
        provider: str,
        external_id: str,
        open_registry: Callable[[], Registry],
        complain: Callable[[RegistryError], None],
        rescue: Callable[[], object] = lambda: None,
    ) -> None:
        self._key = (provider, external_id)
        self._open_registry = open_registry
        self._complain = complain
        self._rescue = rescue
        self._registry: Registry | None = None
        self._seen: tuple[str, str] | None = None
        self._place: tuple[str, str] | None = None
        self._standing: tuple[bool, str] | None = None
        self._tell_again = False
        self._was_open = False

    def see(self, transcript_path: str, cwd: str) -> None:
        """The session exists and has a daemon."""
        self._seen = (transcript_path, cwd or (self._seen[1] if self._seen else ""))
        self._standing = None
        self._try(lambda registry: registry.see(*self._key, transcript_path, cwd))

    def opened(self, backend: str, session_id: str) -> None:
        """The backend keeps the session under this id."""
        self._place = (backend, session_id)
        self._try(lambda registry: registry.opened(*self._key, backend, session_id))

    def session(self) -> KnownSession | None:
        """What is known of the session itself; None when the registry cannot tell."""
        return self._try(lambda registry: registry.session(*self._key))

    def files(self) -> dict[str, KnownFile]:
        """What is known of the session's files; nothing when the registry cannot tell."""
        return self._try(lambda registry: registry.files(*self._key)) or {}

    def spans(self, name: str) -> list[Acknowledged]:
        """The acknowledged spans of a file."""
        return self._try(lambda registry: registry.spans(*self._key, name)) or []

    def acknowledge(self, file: KnownFile, span: Acknowledged | None = None) -> None:
        """A file stands at a new position."""
        self._try(lambda registry: registry.acknowledge(*self._key, file, span))

    def count_masked(self, counts: Mapping[str, int]) -> None:
        """So many secrets of each type were masked in what the backend has taken."""
        self._try(lambda registry: registry.count_masked(*self._key, counts))

    def settle(self, *, finished: bool, error: str = "") -> None:
        """Whether everything is acknowledged, and what last went wrong."""
        self._standing = (finished, error)
        self._try(lambda registry: registry.settle(*self._key, finished=finished, error=error))

    def owe_end(self, end: OwedEnd, *, told: bool = False) -> None:
        """The backend is to be told of this end of the session, or has been told."""
        self._try(lambda registry: registry.owe_end(*self._key, end, told=told))

    def ends_owed(self) -> list[OwedEnd]:
        """The ends that the backend was not told of yet, oldest first."""
        return self._try(lambda registry: registry.ends(*self._key)) or []

    def was_told(self, timestamp: str) -> bool:
        """Whether the backend knows of the end of this moment."""
        told = self._try(lambda registry: registry.ends(*self._key, told=True)) or []
        return any(end.timestamp == timestamp for end in told)

    def record(self, event: str, detail: str = "") -> None:
        """Something happened in the daemon's life."""
        self._try(lambda registry: registry.record(*self._key, event, detail))

    @property
    def is_behind(self) -> bool:
        """Whether a registry that could be opened could not be told something later on."""
        return self._was_open and self._tell_again

    def close(self) -> None:
        """Let go of the registry; the next use opens it again."""
        registry, self._registry = self._registry, None
        if registry is not None:
            try:
                registry.close()
            except RegistryError as error:
                self._complain(error)

    def _try(self, action: Callable[[Registry], Answer]) -> Answer | None:
        try:
            return action(self._opened())
        except RegistryError as error:
            self._complain(error)
            self._drop()
            if isinstance(error, RegistryDamaged):
                self._replace()
            return None

    def _replace(self) -> None:
        try:
            self._rescue()
        except RegistryError as error:
            self._complain(error)

    def _opened(self) -> Registry:
        if self._registry is not None and not self._registry.is_in_place():
            self._drop()
        if self._registry is None:
            self._registry = self._open_registry()
            self._was_open = True
        if self._tell_again:
            self._retell(self._registry)
        return self._registry

    def _retell(self, registry: Registry) -> None:
        """Put down again what the last registry may have taken with it."""
        if self._seen is not None:
            registry.see(*self._key, *self._seen)
            if self._place is not None:
                registry.opened(*self._key, *self._place)
            if self._standing is not None:
                finished, error = self._standing
                registry.settle(*self._key, finished=finished, error=error)
        self._tell_again = False

    def _drop(self) -> None:
        """Let go of a registry that failed; what closing it has to say is known already."""
        self._tell_again = True
        registry, self._registry = self._registry, None
        if registry is not None:
            try:
                registry.close()
            except RegistryError:
                pass
