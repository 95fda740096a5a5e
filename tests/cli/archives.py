"""Makes a confab home with sessions in every state: living, dead, kept off, known, unknown."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.cli.context import Context
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.masked import masking_backend
from confab_sync.engine.registry import Registry
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.paths import Paths, make_private_directory
from confab_sync.presence import inbox, lock
from confab_sync.presence import state as states

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.backends.protocol import Backend
    from confab_sync.errors import RegistryError
    from confab_sync.paths import SessionPaths

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ONE = "11111111-2222-3333-4444-555555555555"
TWO = "22222222-3333-4444-5555-666666666666"


class Home:
    """A user's home below `directory`; the embedded store lies in it too."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environ = {"HOME": str(directory), "CONFAB_HOME": str(directory / "confab")}
        self.paths = Paths(self.environ)
        self.context = Context(self.environ, self.paths, lambda: NOW)
        self.project = directory / ".claude" / "projects" / "-home-u-app"
        self.project.mkdir(parents=True)
        make_private_directory(f"{self.paths.sync}/claude-code")

    def session(self, external_id: str = ONE) -> SessionPaths:
        return self.paths.session(external_id)

    def transcript(self, external_id: str = ONE) -> Path:
        return self.project / f"{external_id}.jsonl"

    def write(self, data: bytes, external_id: str = ONE, relative: str = "") -> Path:
        path = self.transcript(external_id)
        if relative:
            path = path.with_suffix("") / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def state(self, external_id: str = ONE, **fields: Any) -> None:
        """The state as a daemon would have written it."""
        known = states.initial(
            self.session(external_id),
            transcript_path=str(self.transcript(external_id)),
            cwd="/home/u/app",
            parent=None,
            run_id="0123456789abcdef",
        )
        state = {**known, "pid": os.getpid(), "started_at": "2026-03-01T11:00:00Z", **fields}
        state = {name: value for name, value in state.items() if value is not None}
        states.write(self.session(external_id).state, state)

    def registry(self) -> Registry:
        return Registry(self.paths.registry, clock=lambda: NOW)

    def archive(
        self,
        external_id: str = ONE,
        *,
        settled: bool = True,
        cwd: str = "",
        masked: bool = False,
    ) -> None:
        """Send what is there, as a daemon would that then leaves or is killed."""
        complaints: list[RegistryError] = []
        ledger = Ledger("claude-code", external_id, self.registry, complaints.append)

        def backend() -> Backend:
            if masked:
                return masking_backend(self.paths, None, ledger.count_masked)
            return EmbeddedBackend(self.paths.store)

        sync = SessionSync(ClaudeCode(), backend, ledger)
        subject = Subject(external_id, str(self.transcript(external_id)), cwd)
        report = sync.cycle(subject, final=settled)
        assert report.error is None
        if settled:
            sync.settle(report)
        sync.close()
        ledger.close()
        assert not complaints

    def damage_the_registry(self) -> None:
        self.archive_nothing()
        for path in (self.directory / "confab").glob("registry.db*"):
            path.unlink()
        (self.directory / "confab" / "registry.db").write_bytes(b"no database " * 500)

    def archive_nothing(self) -> None:
        with closing(self.registry()):
            pass

    @contextmanager
    def locked(self, external_id: str = ONE) -> Iterator[None]:
        """While somebody holds the session's lock, as a daemon does."""
        held = lock.take(self.session(external_id).lock)
        assert held is not None
        try:
            yield
        finally:
            os.close(held)

    def records(self, external_id: str = ONE) -> list[dict[str, Any]]:
        return inbox.read(self.session(external_id).inbox)[0]

    def marker(self, external_id: str = ONE) -> str | None:
        try:
            with open(self.session(external_id).off, encoding="utf-8") as file:
                reason = json.load(file)["reason"]
        except FileNotFoundError:
            return None
        assert isinstance(reason, str)
        return reason


@contextmanager
def go_daemon(directory: Path) -> Iterator[int]:
    """The pid of a living program by the name of the Go CLI."""
    program = directory / "go" / "confab"
    program.parent.mkdir()
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    with subprocess.Popen([program, "600"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()
