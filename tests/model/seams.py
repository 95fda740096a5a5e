"""Named places in a cycle where its daemon can die, its registry fail or its backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from confab_sync.engine.registry import Registry
from confab_sync.errors import BackendUnavailable, ConfabError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from confab_sync.backends.protocol import Appended, Backend
    from confab_sync.engine.known import Acknowledged, KnownFile
    from confab_sync.store.values import (
        Chunk,
        FilePosition,
        OpenedSession,
        SessionInfo,
        SideFile,
    )

Answer = TypeVar("Answer")

BACKEND_CALLS = ("open_session", "append", "restart_file", "put_side_file")
REGISTRY_CALLS = ("see", "opened", "acknowledge", "settle")
SEAMS = tuple(
    f"{when} {call}" for call in BACKEND_CALLS + REGISTRY_CALLS for when in ("at", "past")
)
"""Before and after each call: `past append` lies between storing and acknowledging."""


class Killed(BaseException):
    """The daemon dies here; nothing in the engine may catch this."""


def die() -> None:
    raise Killed


class Seams:
    """What is going to happen at which seam."""

    def __init__(self) -> None:
        self.is_down = False
        """Whether the backend cannot be reached."""
        self.registry_fails = False
        self._errors: dict[str, list[ConfabError]] = {}
        self._deadly = ""
        self._skipped = 0
        self._death: Callable[[], None] = die

    def fail(self, seam: str, error: ConfabError) -> None:
        """Let the next call that passes `seam` fail."""
        self._errors.setdefault(seam, []).append(error)

    def kill(self, seam: str, skipped: int, death: Callable[[], None] = die) -> None:
        """Let the daemon die at `seam`, when it has passed it `skipped` times."""
        self._deadly, self._skipped, self._death = seam, skipped, death

    def spare(self) -> None:
        """Nobody dies any more."""
        self._deadly = ""

    def mend(self) -> None:
        """All faults are over."""
        self.is_down = self.registry_fails = False
        self._errors.clear()
        self.spare()

    def around(self, call: str, action: Callable[[], Answer]) -> Answer:
        """Do what `call` does, with what is to happen before and after it."""
        self._reach(f"at {call}")
        answer = action()
        self._reach(f"past {call}")
        return answer

    def _reach(self, seam: str) -> None:
        if seam == self._deadly:
            if self._skipped == 0:
                self.spare()
                self._death()
            self._skipped -= 1
        if self._errors.get(seam):
            raise self._errors[seam].pop(0)


class SeamedBackend:
    """A backend whose calls can fail, before it has done anything or after."""

    def __init__(self, inner: Backend, seams: Seams) -> None:
        self.name = inner.name
        self.pace = inner.pace
        self._inner = inner
        self._seams = seams

    @property
    def requests(self) -> int:
        return self._inner.requests

    def _do(self, call: str, action: Callable[[], Answer]) -> Answer:
        if self._seams.is_down:
            raise BackendUnavailable("down for a while")
        return self._seams.around(call, action)

    def takes(self, kind: str, name: str) -> bool:
        return self._inner.takes(kind, name)

    def open_session(self, info: SessionInfo) -> OpenedSession:
        return self._do("open_session", lambda: self._inner.open_session(info))

    def prepared(self, chunk: Chunk) -> Chunk:
        return self._inner.prepared(chunk)

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        return self._do("append", lambda: self._inner.append(session_id, chunk))

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        return self._inner.has_lines(session_id, chunk)

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        return self._do("restart_file", lambda: self._inner.restart_file(session_id, file_name))

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        self._do("put_side_file", lambda: self._inner.put_side_file(session_id, side_file))

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        self._do("end_session", lambda: self._inner.end_session(session_id, timestamp, payload))

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        self._do("summarize", lambda: self._inner.summarize(provider, external_id, summary))

    def close(self) -> None:
        self._inner.close()


class SeamedRegistry(Registry):
    """The real registry, at whose calls a daemon can die, and which can be unavailable."""

    def __init__(self, path: str, seams: Seams, clock: Callable[[], datetime]) -> None:
        self._seams = seams
        self._refuse()
        super().__init__(path, clock=clock)

    def _refuse(self) -> None:
        if self._seams.registry_fails:
            raise RegistryError("the registry cannot be used for a while")

    def _do(self, call: str, action: Callable[[], None]) -> None:
        self._refuse()
        self._seams.around(call, action)

    def see(self, *arguments: Any) -> None:
        self._do("see", lambda: super(SeamedRegistry, self).see(*arguments))

    def opened(self, *arguments: Any) -> None:
        self._do("opened", lambda: super(SeamedRegistry, self).opened(*arguments))

    def acknowledge(
        self, provider: str, external_id: str, file: KnownFile, span: Acknowledged | None = None
    ) -> None:
        self._do(
            "acknowledge",
            lambda: super(SeamedRegistry, self).acknowledge(provider, external_id, file, span),
        )

    def settle(self, *arguments: Any, **standing: Any) -> None:
        self._do("settle", lambda: super(SeamedRegistry, self).settle(*arguments, **standing))

    def count_masked(self, provider: str, external_id: str, counts: Mapping[str, int]) -> None:
        self._refuse()
        super().count_masked(provider, external_id, counts)

    def files(self, provider: str, external_id: str) -> dict[str, KnownFile]:
        self._refuse()
        return super().files(provider, external_id)

    def spans(self, provider: str, external_id: str, name: str) -> list[Acknowledged]:
        self._refuse()
        return super().spans(provider, external_id, name)
