"""Hooks of the user's own beside confab's, by which a test sees what Claude Code does."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

EVENTS = (
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "Stop",
    "SubagentStart",
    "SubagentStop",
)

_SCRIPT = """#!/bin/sh
# Notes one call of a hook and says nothing, so that nothing of it can reach the model.
calls='{calls}'
cat > "$calls/.$$" && mv "$calls/.$$" "$calls/$CLAUDE_PID.$$"
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a hook: the client's pid and the payload."""

    claude_pid: int
    payload: Json

    @property
    def event(self) -> str:
        """The name of the hook event."""
        return str(self.payload["hook_event_name"])

    @property
    def session_id(self) -> str:
        """The session that the call names."""
        return str(self.payload["session_id"])

    def begins_with(self, prompt: str) -> bool:
        """Whether this is about a prompt that begins like this."""
        return str(self.payload.get("prompt", "")).startswith(prompt)

    def follows(self, prompt: "Call") -> bool:
        """Whether this belongs to the turn that `prompt` began."""
        return bool(self.payload.get("prompt_id") == prompt.payload["prompt_id"])

    @property
    def why(self) -> str:
        """The `source` of a start or the `reason` of an end; empty for others."""
        return str(self.payload.get("source") or self.payload.get("reason") or "")


class Recorder:
    """A script that is registered for every event, and what it has noted."""

    def __init__(self, directory: Path) -> None:
        self._calls = directory / "calls"
        self._calls.mkdir(parents=True)
        script = directory / "record.sh"
        script.write_text(_SCRIPT.format(calls=self._calls))
        script.chmod(0o755)
        self._command = f"'{script}'"

    @property
    def hooks(self) -> Json:
        """The `hooks` of a settings.json that registers the script."""
        entry = [{"hooks": [{"type": "command", "command": self._command}]}]
        return dict.fromkeys(EVENTS, entry)

    def calls(
        self, event: str, *, session_id: str = "", claude_pid: int = 0, why: str = ""
    ) -> list[Call]:
        """Return the calls for one event, oldest first, that match what is given."""
        paths = [path for path in self._calls.iterdir() if not path.name.startswith(".")]
        paths.sort(key=lambda path: path.stat().st_mtime_ns)
        calls = [Call(int(path.name.partition(".")[0]), _load(path)) for path in paths]
        return [
            call
            for call in calls
            if call.event == event
            and session_id in ("", call.session_id)
            and claude_pid in (0, call.claude_pid)
            and why in ("", call.why)
        ]


def _load(path: Path) -> Json:
    payload: Json = json.loads(path.read_text())
    return payload
