"""A temporary home in which confab and a stand-in for Claude Code play a session."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confab_sync.cli import stand_in
from confab_sync.errors import ConfabError
from confab_sync.paths import Paths
from confab_sync.presence import due, lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATIENCE = 45.0
"""Seconds a daemon may take to leave: its shutdown budget of 30 and a margin."""

CONFAB = (sys.executable, "-m", "confab_sync")

FOREIGN = ("CONFAB_", "CLAUDE", "XDG_")
"""Beginnings of the variables that would lead out of the temporary home."""

PROJECT = "parser"
"""The directory in the home in which the session works."""

WIDTH = 76
"""Columns for the output of a command that is shown indented on a terminal of 80."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The home, what runs in it, and the one session that is played."""

    home: str
    environ: dict[str, str]
    session: str
    program: tuple[str, ...]
    patience: float

    def confab(self, *arguments: str) -> str:
        """Run the command `confab` as a user would; returns what it printed.

        Raises `ConfabError` when it ends with a status other than 0.
        """
        done = subprocess.run(
            [*self.program, *arguments],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            told = (done.stderr or done.stdout).strip()
            raise ConfabError(f"`confab {shlex.join(arguments)}` failed: {told}")
        return done.stdout

    def files(self) -> dict[str, Path]:
        """Every file of the session by its path below the project, the transcript first."""
        projects = Path(self.home, ".claude", "projects")
        found = [path for path in projects.glob("*/**/*") if path.is_file()]
        found.sort(key=lambda path: (len(path.parts), path))
        return {str(Path(*path.relative_to(projects).parts[1:])): path for path in found}

    def transcripts(self) -> list[Path]:
        """The files of the session that grow line by line."""
        return [path for name, path in self.files().items() if name.endswith(".jsonl")]

    def daemons(self) -> list[str]:
        """The ids of the sessions that have a daemon now."""
        locks = Path(self.home, ".confab", "sync").glob("*/*.lock")
        return [path.stem for path in locks if lock.is_held(str(path))]

    def wait_until_quiet(self) -> None:
        """Wait until no daemon is left.

        Raises `ConfabError` after stopping one that did not leave within `patience`.
        """
        deadline = time.monotonic() + self.patience
        while left := self.daemons():
            if time.monotonic() > deadline:
                self.confab("sync", "stop", "--all", "--wait")
                raise ConfabError(f"still running after its session ended: {', '.join(left)}")
            time.sleep(0.05)

    @contextmanager
    def claude_code(self, seconds: float) -> Iterator[subprocess.Popen[str]]:
        """The stand-in, playing the session for `seconds`; when this is left early, it is ended.

        A session that is broken off ends as one of Claude Code does: with SessionEnd.
        """
        script = [sys.executable, "-I", "-S", stand_in.__file__]
        with subprocess.Popen(
            [*script, self.session, f"{self.home}/{PROJECT}", "--seconds", str(seconds)],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # an interrupt at the keyboard reaches it through us only
        ) as process:
            try:
                yield process
            finally:
                process.terminate()
                process.wait()


@contextmanager
def stage(
    environ: Mapping[str, str],
    program: tuple[str, ...] = CONFAB,
    patience: float = PATIENCE,
) -> Iterator[Stage]:
    """Make a private home; when it is removed, no daemon is left in it.

    `environ` is what its processes get, as far as it does not lead out of that home;
    `program` is how the command `confab` is called; `patience` says how many seconds a
    daemon may take to leave when its session has ended.

    Raises `ConfabError` when one did not leave by itself after its session ended.
    """
    with tempfile.TemporaryDirectory(prefix="confab-demo-") as directory:
        home = os.path.realpath(directory)
        os.mkdir(f"{home}/{PROJECT}")
        kept = {name: value for name, value in environ.items() if not name.startswith(FOREIGN)}
        here = Stage(
            home=home,
            environ={**kept, "HOME": home, "COLUMNS": str(WIDTH)},
            session=str(uuid.uuid4()),
            program=program,
            patience=patience,
        )
        # Nobody is to look for earlier sessions in this home, perhaps while it is removed.
        due.put_off(Paths(here.environ).finisher.due, time.time() + due.LONGEST / 2)
        try:
            yield here
        finally:
            here.wait_until_quiet()
