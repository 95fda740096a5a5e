"""The engine of one daemon after another, on backends that can fail, above real files."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpcore

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.backends.http.address import address
from confab_sync.backends.http.connection import http_backend
from confab_sync.backends.http.transport import DeadlineTransport, Transport
from confab_sync.backends.protocol import Backend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.git_info import GitInfo
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.masked import MaskedBackend
from confab_sync.engine.registry import Registry
from confab_sync.engine.report import CycleReport
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.redaction.masker import Masker
from tests.backends.http.api import Clock
from tests.model.seams import SeamedBackend, SeamedRegistry, Seams

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class Engine:
    """What a daemon has in its process; everything but the files dies with it."""

    def __init__(
        self,
        directory: Path,
        external_id: str,
        open_backend: Callable[[], Backend],
        masker: Masker | None = None,
    ) -> None:
        self.seams = Seams()
        self.registry_path = str(directory / "registry.db")
        self._directory = directory
        self._external_id = external_id
        self._open_backend = open_backend
        self._masker = masker
        self.start()

    def start(self) -> None:
        """What a new daemon begins with: nothing but registry and backend."""
        self._ledger = Ledger(
            "claude-code", self._external_id, self._open_registry, lambda error: None
        )
        git = GitInfo(str(self._directory), lambda: 0.0, lambda _: ("", ""))
        self._sync = SessionSync(ClaudeCode(), self._opened_backend, self._ledger, lambda: 0.0, git)

    def stop(self) -> None:
        """Let go of everything, as a daemon that leaves or as a kernel after one that died."""
        self._sync.close()
        self._ledger.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def cycle(self, transcript: Path, *, final: bool) -> CycleReport:
        """One cycle; one that is `final` is put on record as a daemon's last one is."""
        subject = Subject(self._external_id, str(transcript), str(self._directory))
        report = self._sync.cycle(subject, final=final)
        if final:
            self._sync.settle(report)
        return report

    def end(self) -> None:
        """Tell the backend that the session is over."""
        self._sync.end(NOW.isoformat(), {"reason": "exit"})

    def lose_registry(self) -> None:
        """Somebody removes the file, whether it is open or not."""
        for suffix in ("", "-wal", "-shm", ".lock"):
            with suppress(FileNotFoundError):
                Path(self.registry_path + suffix).unlink()

    def _open_registry(self) -> Registry:
        return SeamedRegistry(self.registry_path, self.seams, lambda: NOW)

    def _opened_backend(self) -> Backend:
        backend: Backend = SeamedBackend(self._open_backend(), self.seams)
        if self._masker is None:
            return backend
        return MaskedBackend(backend, self._masker, self._ledger.count_masked)


def embedded(path: str) -> Callable[[], Backend]:
    """Opens the store at `path` in process."""
    return lambda: EmbeddedBackend(path)


class Wire:
    """The network to one server: what is going to happen to the next requests.

    `sent` faults strike before a request leaves, `answered` ones after the server has carried
    it out; `answers` come in the place of the server's own, which never sees the request.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.answered = 0
        self.answers: list[tuple[int, str, str]] = []

    def mend(self) -> None:
        self.sent = self.answered = 0
        self.answers.clear()


def over_http(url: str, key: str, wire: Wire, directory: Path) -> Callable[[], Backend]:
    """Opens the server at `url`; no time passes but that of the requests."""
    clock = Clock()

    def later() -> float:
        clock.now += 10_000  # what a server asked us to wait for is over
        return clock.now

    def opened() -> Backend:
        return http_backend(
            url,
            key,
            backoff=str(directory / "backoff"),
            environ={},
            transport=lambda: _Faulty(
                DeadlineTransport(address(url, {}, allow_plain_http=False), {}), wire
            ),
            clock=later,
            pause=clock.pause,
            rng=random.Random(0),
        )

    return opened


class _Faulty:
    def __init__(self, inner: Transport, wire: Wire) -> None:
        self._inner = inner
        self._wire = wire

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        wire = self._wire
        if wire.sent:
            wire.sent -= 1
            raise httpcore.ConnectError("refused")
        if wire.answers:
            status, kind, body = wire.answers.pop(0)
            return httpcore.Response(status, headers={"Content-Type": kind}, content=body.encode())
        response = self._inner.handle_request(request)
        if wire.answered:
            wire.answered -= 1
            response.read()
            response.close()
            raise httpcore.ReadError("reset")
        return response

    def close(self) -> None:
        self._inner.close()
