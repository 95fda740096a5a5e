"""A fresh HOME for one test, with confab in it and nothing of the machine's own user."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration.waiting import until

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was started with the test's HOME."""

    pid: int
    command: str

    @property
    def is_daemon(self) -> bool:
        """Whether this is a daemon of confab."""
        return "boot.py daemon-" in self.command


@dataclass(frozen=True, slots=True)
class Home:
    """One user's home directory and the `confab` executable that the user has."""

    path: Path
    executable: Path
    inside: tuple[str, ...] = ()
    """What every command is preceded by, such as the way into a network namespace."""

    @classmethod
    def create(cls, path: Path, executable: Path) -> "Home":
        """Make the directories of a new home at `path`, symlinks resolved."""
        path.mkdir(parents=True)
        home = cls(path.resolve(), executable)
        for directory in (home.project, home.other_project, home.claude, home.path / "tmp"):
            directory.mkdir(parents=True)
        return home

    @property
    def project(self) -> Path:
        """The directory that the user works in."""
        return self.path / "work" / "app"

    @property
    def other_project(self) -> Path:
        """Another directory that the user works in."""
        return self.path / "work" / "other"

    @property
    def claude(self) -> Path:
        """Claude Code's own directory."""
        return self.path / ".claude"

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment of a program that the user starts: nothing is inherited."""
        return {
            "HOME": str(self.path),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/sh",
            "TMPDIR": str(self.path / "tmp"),
        }

    def confab(
        self, *arguments: str, check: bool = True, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run `confab` as the user would; raises `AssertionError` with its words if it fails.

        `typed` is on its standard input, which is no terminal.
        """
        done = subprocess.run(
            [*self.inside, str(self.executable), *arguments],
            env=self.environ,
            cwd=self.project,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode != 0:
            told = f"status {done.returncode}\n{done.stdout}{done.stderr}"
            raise AssertionError(f"confab {' '.join(arguments)}: {told}")
        return done

    def status(self, *arguments: str) -> list[Json]:
        """Return the sessions that `confab sync status --json` tells of."""
        told: Json = json.loads(self.confab("sync", "status", "--json", *arguments).stdout)
        sessions: list[Json] = told["sessions"]
        return sessions

    def status_of(self, external_id: str, *arguments: str) -> Json | None:
        """Return what the status tells of one session, or nothing when it is not listed."""
        found = [told for told in self.status(*arguments) if told["id"] == external_id]
        assert len(found) <= 1, f"{external_id} is listed {len(found)} times"
        return found[0] if found else None

    def lines_archived(self, external_id: str, file_name: str) -> int:
        """Return how many lines of one file the status says are in the store."""
        told = self.status_of(external_id) or {"files": []}
        return sum(int(file["lines"]) for file in told["files"] if file["name"] == file_name)

    def processes(self) -> list[Process]:
        """Return every living process that was started with this HOME, or its TMPDIR."""
        if os.path.isdir("/proc/self"):
            return list(self._processes_from_proc())
        listing = subprocess.run(
            ["ps", "-Awwxo", "pid=,command=", "-E"], capture_output=True, text=True, check=True
        )
        return [
            Process(int(line.split()[0]), line)
            for line in listing.stdout.splitlines()
            if f"HOME={self.path} " in f"{line} "
        ]

    def _processes_from_proc(self) -> list[Process]:
        mine = {b"HOME=" + os.fsencode(self.path), b"TMPDIR=" + os.fsencode(self.path / "tmp")}
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                environ = Path("/proc", entry, "environ").read_bytes()
                command = Path("/proc", entry, "cmdline").read_bytes()
            except OSError:
                continue
            if not mine.isdisjoint(environ.split(b"\0")):
                readable = command.replace(b"\0", b" ").decode(errors="replace").strip()
                found.append(Process(int(entry), readable))
        return found

    def daemons(self) -> list[Process]:
        """Return the living daemons of this user."""
        return [process for process in self.processes() if process.is_daemon]

    def until_no_process_is_left(self, *, seconds: float | None = None) -> None:
        """Wait until everything that ran with this HOME has left by itself."""
        until(lambda: not self.processes(), f"nothing runs in {self.path}", seconds=seconds)

    def end_processes(self) -> list[Process]:
        """End by pid whatever still runs with this HOME, and return what that was."""
        ended = []
        while left := self.processes():
            ended += left
            for process in left:
                try:
                    os.kill(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            until(
                lambda gone=left: not {*gone} & {*self.processes()},  # type: ignore[misc]
                "killed processes are gone",
            )
        return ended
