"""A process that treats hooks and files as Claude Code does during one short session.

Run as `python -I -S stand_in.py SESSION DIRECTORY`: it imports nothing of confab, because
confab is tried against it. It reads the hooks in `$HOME/.claude/settings.json`, runs them
through `/bin/sh -c` and fails loudly when one does not answer as Claude Code expects; it
writes below `$HOME/.claude/projects`. On stdout, one JSON object for each hook event: its
name, how many hooks it had, and the milliseconds they took together. SIGTERM and SIGINT
end the session as they end one of Claude Code: with its SessionEnd hooks.

Sources: the behaviour sheet §2 (the transcript appears with the first prompt), §4 and §8
(hooks), §6 (batches of whole lines, each one write) and §7 (subagents).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    Row = dict[str, Any]

TIMEOUT_SECONDS = {"SessionStart": 600.0, "UserPromptSubmit": 60.0, "SessionEnd": 1.5}
BATCHES = 40
WORDS = ("read", "the", "first", "café", "line", "keep", "東京", "whole", "and", "mend", "it", "🙂")


class HookFailed(Exception):
    """A hook did something that Claude Code would show to its user or put before the model."""


class Stopped(Exception):
    """A signal asked the session to end."""


def hooks_for(settings: str, event: str, source: str) -> list[tuple[str, float]]:
    """The commands that Claude Code would run for `event`, each with its limit in seconds.

    `settings` is the path of settings.json; a matcher is compared with `source`, and a
    command that stands there twice runs once (behaviour sheet §3).
    """
    with open(settings, encoding="utf-8") as file:
        groups = json.load(file).get("hooks", {}).get(event, [])
    found: dict[str, float] = {}
    for group in groups:
        matcher = group.get("matcher") or "*"
        if matcher == "*" or re.fullmatch(matcher, source):
            for hook in group["hooks"]:
                found.setdefault(hook["command"], hook.get("timeout", TIMEOUT_SECONDS[event]))
    return list(found.items())


def run_hook(command: str, seconds: float, payload: Row) -> None:
    """Run one hook with `payload` on stdin.

    Raises `HookFailed` when it overruns `seconds`, ends with a status other than 0, or
    prints anything but exactly one JSON object.
    """
    name = f"{payload['hook_event_name']} hook [{command}]"
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            input=json.dumps(payload).encode(),
            capture_output=True,
            timeout=seconds,
            cwd=payload["cwd"],
            start_new_session=True,
            env={
                **os.environ,
                "CLAUDE_PID": str(os.getpid()),
                "CLAUDE_CODE_SESSION_ID": payload["session_id"],
                "CLAUDE_PROJECT_DIR": payload["cwd"],
                "CLAUDECODE": "1",
            },
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise HookFailed(f"{name} took longer than {seconds:g} s") from None
    if done.returncode != 0:
        raise HookFailed(f"{name} ended with status {done.returncode}: {done.stderr!r}")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise HookFailed(f"{name} printed something other than a JSON object: {done.stdout!r}")


class Session:
    """One session: where its files lie, and what is written to them."""

    def __init__(self, home: str, session: str, cwd: str, chance: random.Random) -> None:
        self.settings = home + "/.claude/settings.json"
        self.session = session
        self.cwd = cwd
        self.chance = chance
        project = re.sub(r"[^A-Za-z0-9]", "-", os.path.realpath(cwd))
        self.directory = f"{home}/.claude/projects/{project}/{session}"
        self.transcript = self.directory + ".jsonl"
        self.agent = "a" + self._hex(12)
        self.agent_transcript = f"{self.directory}/subagents/agent-{self.agent}.jsonl"

    def announce(self, event: str, **more: str) -> None:
        """Run the hooks of `event` one after the other and report on stdout.

        Raises `HookFailed` with the first one that did not answer as it should.
        """
        payload: Row = {
            "session_id": self.session,
            "transcript_path": self.transcript,
            "cwd": self.cwd,
            "hook_event_name": event,
            **more,
        }
        began = time.monotonic()
        found = hooks_for(self.settings, event, more.get("source", ""))
        for command, seconds in found:
            run_hook(command, seconds, payload)
        took = round(1000 * (time.monotonic() - began), 1)
        print(json.dumps({"event": event, "hooks": len(found), "ms": took}), flush=True)

    def write_batch(self, number: int) -> None:
        """Write what batch `number` of `BATCHES` brings: the conversation, then its extras."""
        if number == 0:
            rows: list[Row] = [
                {"type": "mode", "mode": "normal", "sessionId": self.session},
                {"type": "file-history-snapshot", "snapshot": {"trackedFileBackups": {}}},
                self._row("user", {"role": "user", "content": "Make the parser keep every line."}),
            ]
        else:
            rows = [row for _ in range(self.chance.randint(1, 3)) for row in self._tool_call()]
        if number == BATCHES // 2:
            rows.append(self._large_tool_result())
        if number == BATCHES - 1:
            rows.append(self._row("assistant", self._message("text", text=self._words(60_000))))
        append(self.transcript, rows)
        self._write_subagent(number)

    def _write_subagent(self, number: int) -> None:
        """A subagent works from a fifth of the session to four fifths of it."""
        first, last = BATCHES // 5, BATCHES * 4 // 5
        if number in {first, last}:
            meta = {"agentType": "general-purpose", "description": "Look for torn lines"}
            path = self.agent_transcript.removesuffix(".jsonl") + ".meta.json"
            replace(path, json.dumps({**meta, "finished": True} if number == last else meta))
        if first <= number <= last:
            agent = {"isSidechain": True, "agentId": self.agent}
            append(self.agent_transcript, [row | agent for row in self._tool_call()])

    def _tool_call(self) -> list[Row]:
        call = "toolu_" + self._hex(24)
        command = {"command": "grep -rn " + self._words(3)}
        result = {"tool_use_id": call, "type": "tool_result", "content": self._words(200)}
        return [
            self._row("assistant", self._message("thinking", thinking=self._words(40))),
            self._row("assistant", self._message("tool_use", id=call, name="Bash", input=command)),
            self._row("user", {"role": "user", "content": [result]}),
        ]

    def _large_tool_result(self) -> Row:
        """A tool's output over the limit goes to a file of its own; the row has a preview."""
        text = "\n".join(self._words(12) for _ in range(5_000))
        name = f"{self.directory}/tool-results/{self._hex(9)}.txt"
        replace(name, text)
        content = f"Output too large. Full output saved to: {name}\n\n{text[:2_000]}"
        return self._row("user", {"role": "user", "content": content})

    def _message(self, kind: str, **content: object) -> Row:
        return {
            "id": "msg_" + self._hex(24),
            "type": "message",
            "role": "assistant",
            "model": "stand-in",
            "content": [{"type": kind, **content}],
            "stop_reason": "tool_use" if kind == "tool_use" else None,
            "stop_sequence": None,
            "usage": {"input_tokens": 4, "output_tokens": self.chance.randint(20, 900)},
        }

    def _row(self, kind: str, message: Row) -> Row:
        return {
            "parentUuid": None,
            "isSidechain": False,
            "userType": "external",
            "cwd": self.cwd,
            "sessionId": self.session,
            "version": "2.1.328",
            "gitBranch": "main",
            "type": kind,
            "message": message,
            "uuid": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=count))

    def _hex(self, digits: int) -> str:
        return f"{self.chance.getrandbits(4 * digits):0{digits}x}"


def append(path: str, rows: list[Row]) -> None:
    """Append `rows` as Claude Code does: open, one write of whole lines, close."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def replace(path: str, text: str) -> None:
    """Write a whole file by way of a temporary name, as Claude Code does with metadata."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.tmp.{os.getpid():x}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(temporary, path)


def stop(_number: int, _frame: FrameType | None) -> None:
    """Turn a signal into the end of the session."""
    raise Stopped


def play(session: Session, seconds: float) -> None:
    """Play one session that works for `seconds`, or until a signal ends it.

    Raises `HookFailed` when a hook did not behave.
    """
    reason = "prompt_input_exit"
    try:
        session.announce("SessionStart", source="startup")
        session.announce("UserPromptSubmit", prompt="Make the parser keep every line.")
        for number in range(BATCHES):
            session.write_batch(number)
            time.sleep(seconds / BATCHES)
    except Stopped:
        reason = "other"
    session.announce("SessionEnd", reason=reason)


def main() -> int:
    """Play the session that the command line asks for; exit status 1 when a hook failed."""
    parser = argparse.ArgumentParser(description="Play one session of Claude Code.")
    parser.add_argument("session", help="the session's id")
    parser.add_argument("directory", help="the directory that the session works in")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long it works")
    parser.add_argument("--seed", type=int, default=1, help="chooses what is written")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    chance = random.Random(arguments.seed)  # noqa: S311 - words of a story, not secrets
    session = Session(os.environ["HOME"], arguments.session, arguments.directory, chance)
    try:
        play(session, arguments.seconds)
    except HookFailed as failure:
        print(f"stand-in: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
