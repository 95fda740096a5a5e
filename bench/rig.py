"""A home directory with an installed confab in it, in which hooks are run and timed."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import subprocess
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60.0
"""Seconds after which a daemon that does not come, or does not go, is given up."""

WAITING = frozenset({"waiting", "resting"})
"""The phases of a daemon that waits for lines."""

LEAVING = frozenset({"stopping"})
"""The phase of a daemon that waits for quiet after its session ended."""

EVENTS = {
    "session-start": "SessionStart",
    "user-prompt-submit": "UserPromptSubmit",
    "session-end": "SessionEnd",
}
"""The hooks that are measured, by the event of settings.json that runs each one."""


class Unmeasurable(Exception):
    """Something that a measurement needs is missing; the message says what."""


@dataclass(frozen=True, slots=True)
class Rig:
    """One temporary home: its environment, and the interpreter that the launcher calls."""

    home: Path
    environ: dict[str, str]
    python: str

    def hook_command(self, hook: str) -> list[str]:
        """The argument vector with which Claude Code would run `hook`.

        Raises `Unmeasurable` when settings.json has no such hook.
        """
        settings = json.loads((self.home / ".claude/settings.json").read_text())
        try:
            command = settings["hooks"][EVENTS[hook]][0]["hooks"][0]["command"]
        except (KeyError, IndexError):
            raise Unmeasurable(f"`confab setup` installed no {EVENTS[hook]} hook") from None
        return ["/bin/sh", "-c", command]

    def python_command(self, hook: str) -> list[str]:
        """The argument vector that the launcher ends in: its Python part alone."""
        boot = subprocess.run(
            [self.python, "-I", "-c", "import confab_sync.boot as boot; print(boot.__file__)"],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        if not boot:
            raise Unmeasurable("the installed confab has no boot.py")
        return [self.python, "-I", "-S", boot, "hook", hook, "--provider", "claude-code"]

    def time_command(self, command: list[str], payload: bytes = b"") -> tuple[float, bytes]:
        """Run `command` with `payload` on stdin; returns its wall time in seconds and its stdout.

        Raises `Unmeasurable` when it ends with a status other than 0.
        """
        question, answer = self.home / "payload", self.home / "answer"
        question.write_bytes(payload)
        file_actions = [
            (os.POSIX_SPAWN_OPEN, 0, question, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, answer, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        ]
        began = time.perf_counter()
        pid = os.posix_spawn(command[0], command, self.environ, file_actions=file_actions)
        _, status = os.waitpid(pid, 0)
        seconds = time.perf_counter() - began
        if status != 0:
            raise Unmeasurable(f"status {os.waitstatus_to_exitcode(status)}: {shlex.join(command)}")
        return seconds, answer.read_bytes()

    def time_hook(self, command: list[str], hook: str, session: str) -> float:
        """Run one hook for `session`; returns its wall time in seconds.

        Raises `Unmeasurable` when it does not answer with one JSON object.
        """
        payload = {
            "session_id": session,
            "transcript_path": str(self.transcript(session)),
            "cwd": str(self.home),
            "hook_event_name": EVENTS[hook],
            "source": "startup",
            "reason": "other",
            "prompt": "measure",
        }
        seconds, answer = self.time_command(command, json.dumps(payload).encode())
        try:
            understood = isinstance(json.loads(answer), dict)
        except ValueError:
            understood = False
        if not understood:
            raise Unmeasurable(f"{hook} answered {answer!r}")
        return seconds

    def transcript(self, session: str) -> Path:
        """Where the transcript of `session` lies, or would."""
        return self.home / f".claude/projects/-bench/{session}.jsonl"

    def wait_until_archived(self, session: str, lines: int) -> None:
        """Wait until the daemon of `session` says that so many lines are archived."""
        self._wait(
            lambda: self._state(session).get("lines") == lines, "a daemon did not archive its lines"
        )

    def wait_until_settled(self, session: str, phases: frozenset[str]) -> None:
        """Wait until the daemon of `session` is in one of `phases`, or gone."""
        self._wait(
            lambda: self._phase(session) in phases or not self._is_held(session),
            "a daemon did not settle",
        )

    def wait_until_gone(self, session: str) -> None:
        """Wait until no daemon holds the lock of `session`."""
        self._wait(lambda: not self._is_held(session), "a daemon did not leave")

    def end_all(self) -> None:
        """End every daemon that a broken-off measurement left, by its own session-end."""
        for lock in self._presence().glob("*.lock"):
            if self._is_held(lock.stem):
                self.time_hook(self.hook_command("session-end"), "session-end", lock.stem)
                self.wait_until_gone(lock.stem)

    def _wait(self, come_true: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not come_true():
            if time.monotonic() > deadline:
                raise Unmeasurable(f"{complaint} within {PATIENCE:g} s")
            time.sleep(0.02)

    def _phase(self, session: str) -> str:
        return str(self._state(session).get("phase", ""))

    def _state(self, session: str) -> dict[str, Any]:
        try:
            state = json.loads((self._presence() / f"{session}.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _is_held(self, session: str) -> bool:
        try:
            with (self._presence() / f"{session}.lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _presence(self) -> Path:
        return self.home / ".confab/sync/claude-code"


def new_session() -> str:
    """A session id that no run has used."""
    return str(uuid.uuid4())


@contextmanager
def rig(confab: Path) -> Iterator[Rig]:
    """Set up the installed executable `confab` in a temporary home; leave nothing running.

    Raises `Unmeasurable` when `confab setup` fails.
    """
    with TemporaryDirectory(prefix="confab-bench-") as directory:
        home = Path(directory).resolve()
        environ = {
            "HOME": directory,
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "CLAUDE_PID": str(os.getpid()),
        }
        setup = subprocess.run(
            [confab, "setup", "--no-import"],
            env=environ,
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if setup.returncode != 0:
            raise Unmeasurable(f"`confab setup` failed: {setup.stderr.strip()}")
        made = Rig(home=home, environ=environ, python=str(confab.with_name("python")))
        try:
            yield made
        finally:
            made.end_all()
