"""Made-up processes, and real ones that run a few lines of Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import confab_sync
from confab_sync.process import Identity, Sight

CHECKOUT = str(Path(confab_sync.__file__).parents[1])


class FakeProcesses:
    """A process table that a test writes itself."""

    def __init__(self, boot: str = "this boot", namespace: str = "pid:[1]") -> None:
        self.boot = boot
        self.namespace = namespace
        self.sights: dict[int, Sight] = {}
        self.programs: dict[int, list[str]] = {}

    def add(
        self, pid: int, *command: str, start: str = "100", parent: int = 1, alive: bool = True
    ) -> Identity:
        """Let a process exist; `command` is its executable and the rest of its command line."""
        self.sights[pid] = Sight(start, parent, alive=alive)
        self.programs[pid] = list(command) or ["/bin/something"]
        return Identity(pid, start, self.boot, self.namespace)

    def look(self, pid: int) -> Sight | None:
        return self.sights.get(pid)

    def executable(self, pid: int) -> str:
        return self.programs.get(pid, [""])[0]

    def arguments(self, pid: int) -> list[str]:
        return self.programs.get(pid, [])


def python(code: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start a Python that runs `code`, with pipes, and can import what is tested here."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": CHECKOUT},
        **options,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that `process` prints; waits for it."""
    return output_of(process).readline().strip()


def output_of(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def finish(process: subprocess.Popen[str], said: str = "") -> str:
    """Say something to `process`, close its input, and return the rest of its output."""
    output, _ = process.communicate(said)
    assert process.returncode == 0
    return output


def kill(process: subprocess.Popen[str]) -> None:
    """End `process` at once and reap it."""
    process.kill()
    process.communicate()
