"""One session's files, a daemon's engine, and between it and the server nothing but httpx."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from confab_sync.backends.protocol import Backend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.git_info import GitInfo
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.registry import Registry
from confab_sync.engine.report import CycleReport
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from tests.backends.http.api import Api, Clock, backend

SESSION = "11111111-2222-3333-4444-555555555555"
MAIN = f"{SESSION}.jsonl"
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class Stage:
    """A session below `directory`; `restart` forgets all that a daemon's death forgets."""

    def __init__(self, directory: Path, api: Api | None = None) -> None:
        self.directory = directory
        self.api = api or Api()
        self.clock = Clock()
        self.project = directory / "claude" / "projects" / "p"
        self.project.mkdir(parents=True)
        self.cwd = directory / "app"
        self.cwd.mkdir()
        self.open_backend: Callable[[], Backend] = lambda: backend(self.api, directory, self.clock)
        self.configured = 0
        self.start()

    def start(self) -> None:
        registry = str(self.directory / "registry.db")
        self.ledger = Ledger(
            "claude-code", SESSION, lambda: Registry(registry, clock=lambda: NOW), _raise
        )
        git = GitInfo(str(self.directory), lambda: 0.0, lambda _: ("", ""))
        self.sync = SessionSync(ClaudeCode(), self._open, self.ledger, lambda: 0.0, git)

    def restart(self, *, without_registry: bool = False) -> None:
        self.close()
        if without_registry:
            for left in self.directory.glob("registry.db*"):
                left.unlink()
        self.start()

    def close(self) -> None:
        self.sync.close()
        self.ledger.close()

    def _open(self) -> Backend:
        self.configured += 1
        return self.open_backend()

    @property
    def transcript(self) -> Path:
        return self.project / MAIN

    @property
    def subject(self) -> Subject:
        return Subject(SESSION, str(self.transcript), str(self.cwd), "box", "ann")

    def path(self, relative: str = "") -> Path:
        """A file of the session's directory; the transcript for an empty name."""
        return self.project / SESSION / relative if relative else self.transcript

    def write(self, data: bytes, relative: str = "") -> None:
        """Append to a file."""
        path = self.path(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write(data)

    def say(self, *rows: object, relative: str = "") -> None:
        """Append rows as Claude Code does."""
        self.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows), relative)

    def cycle(self, *, final: bool = False) -> CycleReport:
        """One cycle; the time that somebody may have asked us to wait is over before it."""
        self.clock.now += 10_000
        return self.sync.cycle(self.subject, final=final)

    def settled(self) -> CycleReport:
        """Cycles until one has nothing to complain of."""
        for _ in range(10):
            report = self.cycle()
            if report.complete:
                return report
        raise AssertionError(f"still not complete: {report.error}")

    def lines(self, name: str = MAIN) -> list[str]:
        return self.api.lines(name)


def typed(text: object, **marks: object) -> dict[str, object]:
    """A row of a user's message."""
    return {"type": "user", "message": {"role": "user", "content": text}, **marks}


def git(directory: Path, *arguments: str) -> str:
    """What a git command prints, with nothing of this user's settings."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@example.com",
        "GIT_COMMITTER_NAME": "Ann",
        "GIT_COMMITTER_EMAIL": "ann@example.com",
    }
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments], capture_output=True, check=True, env=environ
    )
    return done.stdout.decode().strip()


def _raise(error: Exception) -> None:
    raise error
