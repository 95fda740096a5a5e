"""A rest into every moment of which something falls, in a process of its own.

`python -m tests.daemon.moments WHAT DIRECTORY` goes through the lines that the small image
runs while it begins to rest, looks, is told of a neighbour's file and sleeps again. For each
line it forks a rest in which WHAT happens just before that line, and prints one JSON object:
how many moments there were, and at which lines what happened was missed.

After it has happened nothing is looked at any more but what announces itself, so that a rest
which missed it never ends; an alarm then ends the process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from confab_sync.claude import layout
from confab_sync.daemon import rest, waiting
from confab_sync.paths import Paths, SessionPaths
from confab_sync.presence import inbox
from confab_sync.presence.spawn import BLOCKED
from confab_sync.process import identify, this_platform

SESSION = "11111111-2222-3333-4444-555555555555"
TRACED = {"rest.py", "waiting.py", "parent_ends.py", "directory_news.py"}
LOOKS = 4
"""Looks at all files up to the last moment, one of them after a false alarm."""
NEVER = 1e6
"""Seconds that no test lasts."""
STUCK = 20
"""Seconds after which a rest that does not end counts as one that has missed something."""
MISSED = 2
"""Of these one sees enough."""


@dataclass(frozen=True, slots=True)
class Place:
    """A session at rest: its files, and the process that has it open."""

    paths: SessionPaths
    transcript: Path
    parent: int


class Moments:
    """Counts the lines that are run, and acts before one of them."""

    def __init__(self, place: Place, chosen: int, happen: Callable[[Place], None]) -> None:
        self._place = place
        self._chosen = chosen
        self._happen = happen
        self._looks = 0
        self.lines = 0
        self.where = ""

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        """For `sys.settrace`."""
        if os.path.basename(frame.f_code.co_filename) not in TRACED:
            return None
        if event == "call" and frame.f_code is rest.look.__code__:
            self._looks += 1
            if self._looks == LOOKS and not self._chosen:
                os.kill(self._place.parent, signal.SIGKILL)
                os._exit(_said({"lines": self.lines}))
        is_first_sleep = frame.f_code is rest.sleep.__code__ and self._looks == 1
        if event == "call" and is_first_sleep and not self.where:  # else it would cover up
            self._place.transcript.with_name("neighbour").write_text("x")
        if event == "line":
            self.lines += 1
            if self.lines == self._chosen:
                self.where = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
                rest.LOOK = waiting.UNANNOUNCED = NEVER
                self._happen(self._place)
        return self.trace


def signalled(place: Place) -> None:
    """Somebody asks the daemon to leave."""
    os.kill(os.getpid(), signal.SIGTERM)


def parent_died(place: Place) -> None:
    """The process that has the session open is killed; it may stay a zombie."""
    os.kill(place.parent, signal.SIGKILL)
    os.waitid(os.P_PID, place.parent, os.WEXITED | os.WNOWAIT)


def line_written(place: Place) -> None:
    """The transcript grows."""
    with place.transcript.open("ab") as file:
        file.write(b"{}\n")


def directory_written(place: Place) -> None:
    """A subagent's transcript appears, with its directories."""
    agents = place.transcript.with_suffix("") / "subagents"
    agents.mkdir(parents=True)
    (agents / "agent-1.jsonl").write_bytes(b"{}\n")


def record_written(place: Place) -> None:
    """A hook or a command says something."""
    inbox.append(place.paths.inbox, {"type": inbox.STOP})


WHAT = {
    each.__name__: each
    for each in (signalled, parent_died, line_written, directory_written, record_written)
}


def main(what: str, directory: Path) -> None:
    """Go through all moments, in a fresh place for each."""
    signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
    lines = json.loads(_forked(directory / "0", 0, WHAT[what]))["lines"]
    missed = []
    for chosen in range(1, lines + 1):
        said = _forked(directory / str(chosen), chosen, WHAT[what])
        if said != "noticed":
            missed.append(said or f"stuck or dead at line {chosen} of {lines}")
        if len(missed) == MISSED:
            break
    _said({"moments": lines, "missed": missed})


def _forked(directory: Path, chosen: int, happen: Callable[[Place], None]) -> str:
    """What a rest with something happening at its line `chosen` has to say."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writer, 1)
        os.close(reader)
        signal.alarm(STUCK)
        os._exit(_rested(_place(directory), chosen, happen))
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        return said.read()


def _rested(place: Place, chosen: int, happen: Callable[[Place], None]) -> int:
    rest.LOOK = waiting.UNANNOUNCED = 0.0
    waiting.CALM = 0.001
    known = layout.fingerprint(layout.session_files(str(place.transcript)))
    moments = Moments(place, chosen, happen)
    sys.settrace(moments.trace)
    rest.rest(place.paths, this_platform(), fingerprint=known)
    sys.settrace(None)
    if happen is not parent_died:
        os.kill(place.parent, signal.SIGKILL)
    if happen is signalled and signal.SIGTERM not in signal.sigpending():
        os.write(1, f"no signal is pending after {moments.where}".encode())
    elif not moments.where:
        os.write(1, b"it went to work before anything happened")
    else:
        os.write(1, b"noticed")
    return 0


def _place(directory: Path) -> Place:
    parent = os.fork()
    if parent == 0:
        os.closerange(0, 64)  # nobody waits for what it might say
        signal.pthread_sigmask(signal.SIG_UNBLOCK, BLOCKED)
        signal.alarm(STUCK + 1)
        signal.pause()
    transcript = directory / "projects" / "-p" / f"{SESSION}.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(b"{}\n")
    paths = Paths({"HOME": str(directory)}).session(SESSION)
    Path(paths.directory).mkdir(parents=True)
    known = identify(this_platform(), parent)
    assert known is not None
    record = {"type": inbox.START, "parent": known.to_json(), "transcript_path": str(transcript)}
    inbox.append(paths.inbox, record)
    return Place(paths, transcript, parent)


def _said(what: dict[str, Any]) -> int:
    os.write(1, json.dumps(what).encode())
    return 0


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
