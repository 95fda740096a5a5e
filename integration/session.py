"""One Claude Code session as its daemon meets it: hooks, a process to watch, growing files."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration.home import Home
from integration.waiting import until

ANSWER_KEYS = {"continue", "suppressOutput", "systemMessage"}


@dataclass(slots=True)
class Session:
    """A session in `home`; `client` is the process that has it open, a `sleep` of ours."""

    home: Home
    environ: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client: subprocess.Popen[bytes] = field(
        default_factory=lambda: subprocess.Popen(["sleep", "600"])
    )

    @property
    def transcript(self) -> Path:
        """Where Claude Code would write the transcript."""
        return self.home.claude / "projects" / "-work-app" / f"{self.id}.jsonl"

    @property
    def directory(self) -> Path:
        """Where subagents and side files go."""
        return self.transcript.with_suffix("")

    @property
    def state_file(self) -> Path:
        """The daemon's state."""
        return self.home.path / ".confab" / "sync" / "claude-code" / f"{self.id}.json"

    @property
    def state(self) -> dict[str, Any] | None:
        """What the daemon says of itself; None when it has gone, or somebody spoiled the file."""
        try:
            state = json.loads(self.state_file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return state if isinstance(state, dict) else None

    @property
    def daemon_pid(self) -> int:
        """The pid in the state, which must be there."""
        state = self.state
        assert state is not None, "there is no state file"
        return int(state["pid"])

    def popen_hook(self, name: str, **fields: object) -> subprocess.Popen[bytes]:
        """Start a hook as Claude Code does: through `sh -c`, with the payload on stdin."""
        payload = {
            "session_id": self.id,
            "transcript_path": str(self.transcript),
            "cwd": str(self.home.project),
            "hook_event_name": "".join(part.title() for part in name.split("-")),
            **fields,
        }
        launcher = self.home.path / ".confab" / "bin" / "confab"
        process = subprocess.Popen(
            [*self.home.inside, "/bin/sh", "-c", f"{launcher} hook {name} --provider claude-code"],
            env={**self.home.environ, "CLAUDE_PID": str(self.client.pid), **self.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(payload).encode())
        process.stdin.close()
        process.stdin = None
        return process

    def hook(self, name: str, **fields: object) -> dict[str, Any]:
        """Run a hook; it must exit with 0, say nothing on stderr and answer with one object."""
        return finished(self.popen_hook(name, **fields))

    def start(self, source: str = "startup") -> dict[str, Any]:
        """SessionStart."""
        return self.hook("session-start", source=source)

    def begin(self) -> None:
        """Start, write five lines, and wait until they are archived."""
        self.start()
        self.write()
        self.until_archived(5)

    def prompt(self) -> dict[str, Any]:
        """UserPromptSubmit."""
        return self.hook("user-prompt-submit", prompt="never stored")

    def end(self, reason: str = "other") -> dict[str, Any]:
        """SessionEnd."""
        return self.hook("session-end", reason=reason)

    def write(self, data: bytes | None = None, *, lines: int = 5) -> None:
        """Append to the transcript as Claude Code does: one write, whole lines by default."""
        self.transcript.parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            rows = [{"type": "user", "uuid": str(uuid.uuid4()), "n": n} for n in range(lines)]
            data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        with self.transcript.open("ab", buffering=0) as file:
            file.write(data)

    def write_subagent(self, name: str, data: bytes) -> None:
        """Append to a subagent's transcript."""
        path = self.directory / "subagents" / f"agent-{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            file.write(data)

    def until_archived(self, lines: int) -> None:
        """Wait until the daemon says that it has so many lines of all files."""

        def archived() -> bool:
            state = self.state
            return state is not None and int(state.get("lines", 0)) >= lines

        until(archived, f"{lines} lines of {self.id} are archived")

    def until_gone(self) -> None:
        """Wait until the daemon has left: state and inbox are removed as its last act."""
        inbox = self.state_file.with_suffix(".inbox.jsonl")
        until(lambda: not self.state_file.exists() and not inbox.exists(), "the daemon has left")

    def until_phase(self, *phases: str) -> None:
        """Wait until the daemon is in one of `phases`."""
        until(lambda: (self.state or {}).get("phase") in phases, f"a phase of {phases}")

    def kill_client(self) -> None:
        """End the client without a SessionEnd."""
        self.client.kill()
        self.client.wait()

    def download(self) -> dict[str, str]:
        """The sha256 of each archived file, by its path below the session's project."""
        target = self.home.path / "downloads" / uuid.uuid4().hex
        self.home.confab("session", "download", self.id, "--output-dir", str(target))
        return hashes(target)

    def local(self) -> dict[str, str]:
        """The same of the files on disk."""
        found = hashes(self.transcript.parent)
        return {name: value for name, value in found.items() if name.startswith(self.id)}

    def assert_archived(self) -> None:
        """Every file on disk is in the store, byte for byte, and nothing else is."""
        assert self.download() == self.local()


def finished(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Wait for a hook and check what every hook promises."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err == b""
    answer = json.loads(out)
    assert answer["continue"] is True
    assert answer["suppressOutput"] is True
    assert set(answer) <= ANSWER_KEYS
    return dict(answer)


def hashes(directory: Path) -> dict[str, str]:
    """The sha256 of every file below `directory`, by its relative path."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def process_exists(pid: int) -> bool:
    """Whether `pid` is a living process, a zombie not counted."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except OSError:
        return _answers(pid)
    return state not in "ZX"


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
