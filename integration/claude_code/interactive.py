"""A session of Claude Code in a terminal, driven as its user does."""

import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from integration.claude_code.client import Installation
from integration.claude_code.recorder import Call
from integration.claude_code.terminal import Terminal, TerminalServer
from integration.waiting import NeverHappened, until

Json = dict[str, Any]

_TOUCH_AGAIN_AFTER = 4.0
_GONE_AFTER = 30.0
_PAUSE_BETWEEN_KEYS = 0.4


class InteractiveSession:
    """A client in a terminal; its methods return when the client has done what was asked."""

    def __init__(
        self, installation: Installation, terminals: TerminalServer, options: tuple[str, ...]
    ) -> None:
        self._recorder = installation.recorder
        self._terminal: Terminal = terminals.open(
            [str(installation.executable), *options],
            installation.environ,
            installation.home.project,
        )
        self.pid = self._terminal.pid
        self._screens: list[str] = []
        start = until(
            lambda: self._recorder.calls("SessionStart", claude_pid=self.pid),
            "the client calls its SessionStart hooks",
        )[-1]
        self.id = start.session_id

    def prompt(self, text: str, *, wait: bool = True) -> None:
        """Send a prompt; with `wait`, until the answer is in the transcript."""
        self._type_until_seen(text, "UserPromptSubmit")
        if wait:
            self.until_answered(text)

    def until_answered(self, prompt: str) -> None:
        """Wait until the answer to the last prompt that begins like this is in the transcript."""

        def answer() -> Json | None:
            # A background agent's report starts a turn of its own: turns are told by prompt.
            asked = [call for call in self._calls("UserPromptSubmit") if call.begins_with(prompt)]
            stops = [call for call in self._calls("Stop") if asked and call.follows(asked[-1])]
            return stops[-1].payload if stops else None

        stop = until(answer, f"the model's turn for '{prompt}' ends")
        until(lambda: _is_written(stop), f"the answer to '{prompt}' is on disk")
        self._keep_screen()

    def until_agent_reported(self) -> None:
        """Wait until a background agent has ended and the model has answered its report."""
        self.until_answered("<task-notification>")

    def clear(self) -> str:
        """`/clear`; returns the id of the session that ended."""
        return self._change_session("/clear", "clear")

    def resume_inside(self, session_id: str) -> str:
        """`/resume ID` inside the session; returns the id of the session that was left."""
        return self._change_session(f"/resume {session_id}", "resume")

    def compact(self) -> None:
        """`/compact`, which keeps the session's id."""
        self._type_until_seen("/compact", "SessionStart", "compact")

    def change_directory(self, directory: Path, moved: Callable[[], bool]) -> None:
        """`/cd DIRECTORY`, which calls no hook: `moved` tells when it has happened."""
        self._type_until(moved, f"/cd {directory}", f"the session is in {directory}")
        self._keep_screen()

    def exit(self) -> None:
        """`/exit`."""
        self._keep_screen()
        self._type_until(self._is_gone, "/exit", "the client leaves after /exit")
        self._keep_screen()

    def move_to_background(self) -> None:
        """`/exit` while an agent runs, and of what is then offered the second."""
        self._terminal.type_line("/exit")
        until(lambda: "Move to background" in self._terminal.screen(), "the exit is questioned")
        self._terminal.press("Down")
        time.sleep(_PAUSE_BETWEEN_KEYS)
        self._terminal.press("Enter")
        until(self._is_gone, "the client leaves to the background")
        self._keep_screen()

    def close_terminal(self) -> None:
        """Close the window that the client runs in."""
        self._keep_screen()
        self._terminal.close()
        until(self._is_gone, "the client leaves after a hang-up", seconds=_GONE_AFTER)

    def terminate(self) -> None:
        """Ask the client to end, by SIGTERM."""
        self._keep_screen()
        os.kill(self.pid, signal.SIGTERM)
        until(self._is_gone, "the client leaves after SIGTERM", seconds=_GONE_AFTER)
        self._keep_screen()

    def kill(self) -> None:
        """End the client by SIGKILL: it can do nothing more, not even call a hook."""
        self._keep_screen()
        os.kill(self.pid, signal.SIGKILL)
        until(self._is_gone, "the killed client is gone", seconds=_GONE_AFTER)

    def shown(self) -> str:
        """Return what the terminal showed after each thing that was done, white space folded."""
        return " ".join(" ".join(self._screens).split())

    def _change_session(self, command: str, source: str) -> str:
        left = self.id
        self._type_until_seen(command, "SessionStart", source)
        self.id = self._recorder.calls("SessionStart", claude_pid=self.pid, why=source)[
            -1
        ].session_id
        assert self._recorder.calls("SessionEnd", session_id=left, why=source)
        return left

    def _type_until_seen(self, text: str, event: str, why: str = "") -> None:
        before = self._count(event, why)
        self._type_until(
            lambda: self._count(event, why) > before, text, f"'{text}' calls the {event} hooks"
        )
        self._keep_screen()

    def _keep_screen(self) -> None:
        """A full-screen program leaves nothing in the scrollback: look while it is there."""
        self._screens.append(self._terminal.screen())

    def _type_until(self, look: Callable[[], bool], text: str, what: str) -> None:
        """Type one line and wait for what it does.

        A client that is busy can lose the Enter, and one that is just changing to another
        session the whole line. A second Enter does no harm; nor does the line once more,
        after the input box was emptied, when nothing came of it for long.
        """
        self._terminal.type_line(text)
        tries = itertools.cycle(["Enter", "Enter", "again"])
        touched = time.monotonic()

        def look_or_touch() -> bool:
            nonlocal touched
            if look():
                return True
            if time.monotonic() - touched > _TOUCH_AGAIN_AFTER:
                touched = time.monotonic()
                if next(tries) == "Enter":
                    self._terminal.press("Enter")
                else:
                    self._terminal.press("C-u")
                    self._terminal.type_line(text)
            return False

        try:
            until(look_or_touch, what)
        except NeverHappened as never:
            never.add_note(self._terminal.screen())
            raise

    def _count(self, event: str, why: str = "") -> int:
        return len(self._calls(event, why))

    def _calls(self, event: str, why: str = "") -> list[Call]:
        return self._recorder.calls(event, claude_pid=self.pid, why=why)

    def _is_gone(self) -> bool:
        try:
            with open(f"/proc/{self.pid}/stat") as stat:
                return stat.read().rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True


def _is_written(stop: Json) -> bool:
    """Whether the last answer that a Stop hook was told of is in the transcript."""
    answer = json.dumps(stop["last_assistant_message"], ensure_ascii=False)
    try:
        return answer.encode() in Path(stop["transcript_path"]).read_bytes()
    except FileNotFoundError:
        return False  # the client writes in batches, and the first can come after the hook
