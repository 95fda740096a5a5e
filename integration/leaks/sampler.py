"""Looking, all the while, at what comes and goes: presence files, and the processes of daemons."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

from integration.home import Home

PAUSE = 0.03
"""Seconds between two looks."""


class Sampler:
    """Keeps every content that it has seen, by where that was."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: dict[str, set[bytes]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.phases: set[str] = set()
        """The phases in which daemons were looked at."""

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def samples(self, *suffixes: str) -> list[tuple[str, bytes]]:
        """What was seen in places whose name ends so, each content once."""
        return [
            (where, content)
            for where, contents in sorted(self._seen.items())
            if where.endswith(suffixes)
            for content in contents
        ]

    @property
    def all(self) -> list[tuple[str, bytes]]:
        """Everything that was seen."""
        return self.samples("")

    def _run(self) -> None:
        while not self._over.is_set():
            self._look_at_files()
            self._look_at_processes()
            self._over.wait(PAUSE)

    def _look_at_files(self) -> None:
        below = self._home.path / ".confab"
        for directory in ("sync", "logs", "backoff", "notices"):
            for path in (below / directory).rglob("*"):
                self._keep(str(path.relative_to(below)), path)

    def _look_at_processes(self) -> None:
        """Command lines and environments of daemons and of what they start."""
        processes = self._home.processes()
        daemons = {process.pid for process in processes if process.is_daemon}
        for process in processes:
            if process.pid in daemons or _parent(process.pid) in daemons:
                for name in ("cmdline", "environ"):
                    self._keep(f"daemon's {name}", Path(f"/proc/{process.pid}/{name}"))

    def _keep(self, where: str, path: Path) -> None:
        try:
            content = path.read_bytes()
        except OSError:
            return
        # A process that is just being made still has its starter's.
        if where.endswith("environ") and b"CLAUDE_PID=" in content:
            return
        self._seen.setdefault(where, set()).add(content)
        for phase in ("waiting", "syncing", "resting", "stopping"):
            if f'"phase": "{phase}"'.encode() in content:
                self.phases.add(phase)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0


def has_processes() -> bool:
    """Whether this system shows the environments of processes."""
    return os.path.isdir("/proc/self")
