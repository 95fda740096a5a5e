"""A home directory with an installed confab in it, in which sessions live and are timed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.daemons import PATIENCE, WAITING, Daemons
from bench.missing import Unmeasurable
from bench.processes import with_home
from bench.serving import KEY
from integration.session import process_exists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.serving import Serving
    from bench.subjects import Subject

QUIET_LOOKS = 4
"""Looks in a row that must find no process: one that is just becoming another program (as a
daemon does that leaves) has no environment to be known by, for some milliseconds."""

EVENTS = {
    "session-start": "SessionStart",
    "user-prompt-submit": "UserPromptSubmit",
    "session-end": "SessionEnd",
}
"""The hooks that are measured, by the event of settings.json that runs each one."""


@dataclass(frozen=True, slots=True)
class Rig(Daemons):
    """One temporary home: whose it is, its environment, and the server that it writes to.

    Without a server, to the embedded store.
    """

    environ: dict[str, str]
    subject: Subject
    server: Serving | None = None
    cwd: str = ""
    """Where the sessions work, if not in the home."""

    @property
    def python(self) -> str:
        """The interpreter that the launcher calls."""
        return self.subject.python

    def start(self, *, settle: bool = True) -> str:
        """Start a session; with `settle`, its daemon waits for the first line then. Its id."""
        session = new_session()
        self.transcript(session).parent.mkdir(parents=True, exist_ok=True)
        self.hook(session, "session-start")
        if settle:
            self.wait_until_settled(session, WAITING)
        return session

    def hook(self, session: str, hook: str) -> float:
        """Run a hook as Claude Code does; its wall time in seconds."""
        return self.time_hook(self.hook_command(hook), hook, session)

    def append(self, session: str, data: bytes) -> float:
        """Append to a transcript in one write; the time of the clock just before."""
        before = time.time()
        with self.transcript(session).open("ab", buffering=0) as file:
            file.write(data)
        return before

    def wait_until_taken(self, session: str, lines: int, patience: float = PATIENCE) -> None:
        """Wait until so many lines of the transcript are acknowledged, wherever they go."""
        server = self.server

        def taken() -> bool:
            if server is None:
                return bool(self.state(session).get("lines") == lines)
            return server.lines(session) >= lines

        self.wait(taken, "a daemon did not archive its lines", patience)

    def end(self, session: str) -> None:
        """End a session, and wait until its daemon has left."""
        pid = self.state(session).get("pid")
        self.hook(session, "session-end")
        self.wait_until_gone(session)
        self.wait(lambda: not (isinstance(pid, int) and process_exists(pid)), "a daemon stayed")

    def hook_command(self, hook: str) -> list[str]:
        """The argument vector with which Claude Code would run `hook`.

        Raises `Unmeasurable` when settings.json has no such hook.
        """
        if not self.subject.is_own:
            return [str(self.subject.executable), "hook", hook, "--provider", "claude-code"]
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
            "cwd": self.cwd or str(self.home),
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

    def end_all(self) -> None:
        """End every daemon that a measurement left, by its session's end, or at last by pid."""
        try:
            if self.subject.is_own:
                self._end_sessions()
        finally:
            # What a leaving daemon has started, to finish other sessions, is left otherwise, and
            # so are daemons when whoever has interrupted the bench does it again.
            with suppress(Unmeasurable):  # where processes cannot be told by their home
                self._kill_the_rest()

    def _kill_the_rest(self) -> None:
        """Kill what was started with this home, until there is nothing of it."""
        quiet = 0
        while quiet < QUIET_LOOKS:
            left = with_home(self.home)
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            quiet = 0 if left else quiet + 1
            time.sleep(0.05)

    def _end_sessions(self) -> None:
        held = [lock.stem for lock in self.presence.glob("*.lock") if self.is_held(lock.stem)]
        for session in held:
            self.hook(session, "session-end")
        for session in held:
            self.wait_until_gone(session)


def new_session() -> str:
    """A session id that no run has used."""
    return str(uuid.uuid4())


@contextmanager
def rig(
    subject: Subject,
    server: Serving | None = None,
    *,
    masked: bool = True,
    environ: dict[str, str] | None = None,
) -> Iterator[Rig]:
    """Set up `subject` in a temporary home; leave nothing running.

    With `environ` in addition to the few variables that a user has. Raises `Unmeasurable`
    when `confab setup` fails, and for a subject without a store of its own when there is no
    `server`.
    """
    if server is None and not subject.is_own:
        raise Unmeasurable("it has no store of its own")
    with TemporaryDirectory(prefix="confab-bench-", ignore_cleanup_errors=True) as directory:
        home = Path(directory).resolve()
        made = Rig(
            home=home,
            environ={
                "HOME": str(home),
                "PATH": os.environ.get("PATH", os.defpath),
                "LANG": "C.UTF-8",
                "CLAUDE_PID": str(os.getpid()),
                **(environ or {}),
            },
            subject=subject,
            server=server,
        )
        if subject.is_own:
            _set_up(made)
        _configure(made, masked=masked)
        try:
            yield made
        finally:
            made.end_all()


def _set_up(made: Rig) -> None:
    setup = subprocess.run(
        [made.subject.executable, "setup", "--no-import"],
        env=made.environ,
        cwd=made.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if setup.returncode != 0:
        raise Unmeasurable(f"`confab setup` failed: {setup.stderr.strip()}")


def _configure(made: Rig, *, masked: bool) -> None:
    """Write the configuration that all of them share (contract §4.1)."""
    wishes: dict[str, object] = {
        "redaction": {"enabled": masked, "use_default_patterns": True},
        "auto_update": False,
    }
    if made.server is not None:
        wishes |= {"backend_url": made.server.url, "api_key": KEY}
    directory = made.home / ".confab"
    directory.mkdir(mode=0o700, exist_ok=True)
    file = directory / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(wishes, indent=2))
