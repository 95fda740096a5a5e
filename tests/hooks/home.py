"""A temporary home in which hooks run as Claude Code runs them, and their daemons end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confab_sync.hooks import lane
from confab_sync.paths import Paths, SessionPaths
from confab_sync.presence import due, finisher, inbox
from confab_sync.presence import state as states
from confab_sync.presence.orphans import known_sessions
from confab_sync.process import identify, this_platform
from tests.daemons import end_daemon
from tests.processes import CHECKOUT, kill, line_of, python

if TYPE_CHECKING:
    from confab_sync.presence.inbox import Record

BOOT = f"{CHECKOUT}/confab_sync/boot.py"
ANSWER = {"continue": True, "suppressOutput": True}


LISTENER = """
import signal, sys
from confab_sync.presence import lock
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM])
taken = lock.take(sys.argv[1])
print(taken is not None, flush=True)
print(signal.sigwait([signal.SIGUSR1, signal.SIGTERM]).name, flush=True)
"""


class Home:
    """One user's home directory; this very process plays Claude Code."""

    def __init__(self, directory: Path) -> None:
        self.directory = Path(os.path.realpath(directory))
        self.environ = {
            "HOME": str(self.directory),
            "PATH": os.defpath,
            "CLAUDE_PID": str(os.getpid()),
        }
        # Most tests are about one session: nothing else is to be looked for.
        due.put_off(Paths(self.environ).finisher.due, time.time() + 3600)

    def written(self) -> list[str]:
        """The files below the home, but for the one that keeps the finisher away."""
        found = [str(path.relative_to(self.directory)) for path in self.directory.rglob("*")]
        return sorted({*found} - {".confab", ".confab/catch-up.due"})

    def paths(self, session_id: str = "s") -> SessionPaths:
        """The presence files of a session."""
        return Paths(self.environ).session(session_id)

    def transcript(self, session_id: str = "s", project: str = "p") -> str:
        """Where Claude Code would write the session."""
        return f"{self.directory}/.claude/projects/{project}/{session_id}.jsonl"

    def payload(self, session_id: str = "s", **changes: object) -> dict[str, Any]:
        """What Claude Code hands to a hook."""
        return {
            "session_id": session_id,
            "transcript_path": self.transcript(session_id),
            "cwd": str(self.directory),
            "hook_event_name": "SessionStart",
            **changes,
        }

    def run(self, name: str, session_id: str = "s", **changes: object) -> str | None:
        """Run a hook in this process; the message for the user, if there is one."""
        content = json.dumps(self.payload(session_id, **changes)).encode()
        return lane.run([name], self.environ, lambda: content)

    def call(
        self,
        *arguments: str,
        content: bytes | None = None,
        environ: Mapping[str, str] | None = None,
        flags: tuple[str, ...] = ("-I", "-S"),
        **options: Any,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the lane of hooks as the launcher does, in a process of its own."""
        return subprocess.run(
            [sys.executable, *flags, BOOT, "hook", *arguments],
            input=json.dumps(self.payload()).encode() if content is None else content,
            capture_output=True,
            env=self.environ if environ is None else environ,
            check=False,
            **options,
        )

    def records(self, session_id: str = "s") -> list[Record]:
        """What was said about a session."""
        return inbox.read(self.paths(session_id).inbox)[0]

    def kinds(self, session_id: str = "s") -> list[str]:
        """The types of those records."""
        return [record["type"] for record in self.records(session_id)]

    def end_daemons(self) -> None:
        """Kill the daemons of all sessions of this home, and wait until they have gone."""
        for session_id in known_sessions(self.paths().directory):
            end_daemon(self.paths(session_id))
        assert finisher.stop(Paths(self.environ).finisher, this_platform())


@contextmanager
def daemon_that_listens(home: Home) -> Iterator[subprocess.Popen[str]]:
    """In place of a daemon of session "s": holds its lock, and prints the first signal it gets."""
    os.makedirs(home.paths().directory, exist_ok=True)
    listener = python(LISTENER, home.paths().lock)
    assert line_of(listener) == "True"
    identity = identify(this_platform(), listener.pid)
    assert identity is not None
    state = {
        "run_id": "r",
        "pid": listener.pid,
        "daemon": identity.to_json(),
        "transcript_path": home.transcript(),
    }
    states.write(home.paths().state, state)
    try:
        yield listener
    finally:
        kill(listener)


@contextmanager
def home_in(directory: Path) -> Iterator[Home]:
    """A home that leaves no daemon behind."""
    home = Home(directory)
    try:
        yield home
    finally:
        home.end_daemons()


def is_well_answered(done: subprocess.CompletedProcess[bytes]) -> bool:
    """Whether a hook ended with status 0, one JSON object, and not a word more."""
    lines = done.stdout.splitlines()
    return (done.returncode, done.stderr, len(lines)) == (0, b"", 1) and json.loads(
        lines[0]
    ) == ANSWER
