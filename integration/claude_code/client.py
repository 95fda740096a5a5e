"""One user's Claude Code, run headless inside the namespace."""

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from integration.claude_code.fetch import VERSION
from integration.claude_code.model import ModelServer
from integration.claude_code.namespace import LoopbackOnly
from integration.claude_code.recorder import Recorder
from integration.home import Home
from integration.waiting import until

_API_KEY = "sk-dummy-14chr"


@dataclass(frozen=True, slots=True)
class Installation:
    """One user's Claude Code: where it runs, whom it asks, and who watches its hooks."""

    executable: Path
    home: Home
    namespace: LoopbackOnly
    model: ModelServer
    recorder: Recorder

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment of the client; no variable of an outer session is in it."""
        return {
            **self.home.environ,
            "ANTHROPIC_BASE_URL": self.model.url,
            "ANTHROPIC_API_KEY": _API_KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
        }

    def headless(self, prompt: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run one headless session to its end; its exit status must be 0."""
        running = self.start_headless(prompt, *options)
        shown, complaints = running.communicate(timeout=90)
        assert running.returncode == 0, f"claude -p: status {running.returncode}\n{complaints}"
        return subprocess.CompletedProcess(running.args, running.returncode, shown, complaints)

    def stop_background(self) -> None:
        """End the background sessions, and with them the processes kept ready for more."""
        for process in self.home.processes():
            if not process.is_daemon:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGTERM)
        until(
            lambda: all(process.is_daemon for process in self.home.processes()),
            "the background sessions have ended",
        )

    def start_headless(self, prompt: str, *options: str) -> subprocess.Popen[str]:
        """Start one headless session and return its process, which is the client itself."""
        return subprocess.Popen(
            self.namespace.inside(str(self.executable), "-p", prompt, *options),
            env=self.environ,
            cwd=self.home.project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def write_user_files(home: Home, hooks: object, *trusted: Path) -> None:
    """Write what a user who has used Claude Code before has in a home."""
    account = {
        "hasCompletedOnboarding": True,
        "theme": "dark",
        "lastOnboardingVersion": VERSION,
        "customApiKeyResponses": {"approved": [_API_KEY], "rejected": []},
        "projects": {
            str(directory.resolve()): {"hasTrustDialogAccepted": True} for directory in trusted
        },
    }
    settings = {
        "permissions": {"defaultMode": "default", "allow": ["Bash", "Agent", "Workflow"]},
        "hooks": hooks,
    }
    (home.path / ".claude.json").write_text(json.dumps(account, indent=2))
    (home.claude / "settings.json").write_text(json.dumps(settings, indent=2) + "\n")
