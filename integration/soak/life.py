"""One session in the soak: what its Claude Code writes, and which hooks it calls."""

from __future__ import annotations

import json
import random
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from integration.home import Home
from integration.session import Session

HURRIED = {"CONFAB_SYNC_INTERVAL_MS": "1000", "CONFAB_SYNC_JITTER_MS": "200"}
"""The daemons' environment: a soak has minutes for what takes days."""

PROJECTS = ("-work-app", "-work-other")
CLIENT = ["sleep", "3600"]


def stand_in() -> subprocess.Popen[bytes]:
    """A process in the place of Claude Code."""
    return subprocess.Popen(CLIENT)


@dataclass(slots=True)
class MovingSession(Session):
    """A session whose files can be moved to another project."""

    project: str = PROJECTS[0]

    @property
    def transcript(self) -> Path:
        """Where the transcript lies now."""
        return self.home.claude / "projects" / self.project / f"{self.id}.jsonl"


@dataclass(slots=True)
class Life:
    """A session and its writer. `rng` decides everything, so a seed repeats the choices."""

    session: MovingSession
    rng: random.Random
    lines: int = 0
    is_open: bool = True
    """Whether a client has it open."""
    is_off: bool = False
    """Whether the user has stopped it, so that nothing is sent until the next start."""
    is_hidden: bool = False
    """Whether its transcript is out of reach for a moment; its writer waits meanwhile."""
    rests: dict[Path, bytes] = field(default_factory=dict)
    """What is missing of lines that were written in part."""

    @classmethod
    def begun(cls, home: Home, rng: random.Random, source: str = "startup") -> Life:
        """A new session whose SessionStart hook has run."""
        life = cls(MovingSession(home, environ=HURRIED, client=stand_in()), rng)
        life.session.start(source)
        return life

    def write(self) -> None:
        """Append lines to the transcript, after the rest of one that was begun."""
        if self.is_hidden:
            return
        self._append(self.session.transcript, self.rng.randrange(1, 12))

    def write_subagent(self) -> None:
        """Append to one of a few subagents' transcripts, which may be a new one."""
        self._begin_transcript()
        name = f"agent-{self.rng.randrange(5):06x}.jsonl"
        self._append(self.session.directory / "subagents" / name, self.rng.randrange(1, 6))

    def write_in_part(self) -> None:
        """Append a line without its end."""
        if self.is_hidden:
            return
        line = self._line()
        at = self.rng.randrange(1, len(line) - 2)  # never whole without its newline
        path = self.session.transcript
        self._put(path, self.rests.pop(path, b"") + line[:at])
        self.rests[path] = line[at:]

    def write_side_file(self) -> None:
        """Write one of a few side files anew."""
        self._begin_transcript()
        path = self.session.directory / "tool-results" / f"{self.rng.randrange(3)}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".tmp.1")
        fresh.write_bytes(self.rng.randbytes(self.rng.randrange(20_000)))
        fresh.rename(path)

    def _begin_transcript(self) -> None:
        """Claude Code has written something itself before anything beside it is written."""
        if not self.session.transcript.exists():
            self.write()

    def move(self) -> bool:
        """Move the files to the other project, as `/cd` does; False when there are none."""
        session = self.session
        if self.is_hidden or not session.transcript.exists():
            return False
        old, old_directory = session.transcript, session.directory
        session.project = PROJECTS[1 - PROJECTS.index(session.project)]
        session.transcript.parent.mkdir(parents=True, exist_ok=True)
        old.rename(session.transcript)
        if old_directory.exists():
            old_directory.rename(session.directory)
        moved = {old: session.transcript}
        for path in self.rests:
            if old_directory in path.parents:
                moved[path] = session.directory / path.relative_to(old_directory)
        self.rests = {moved[path]: rest for path, rest in self.rests.items()}
        return True

    def resume(self) -> None:
        """Another client opens the session."""
        if not self.is_open:
            self.session.client = stand_in()
        self.is_open = True
        self.is_off = False
        self.session.start("resume")

    def end(self, reason: str = "other") -> None:
        """SessionEnd, perhaps a last line, then the client goes."""
        self.session.end(reason)
        if self.rng.random() < 0.3:
            self.write()  # lines come for up to two seconds after SessionEnd
        self.kill_client()

    def clear(self) -> Life:
        """`/clear`: the session ends, its client goes on with a new one, which is returned."""
        self.session.end("clear")
        self.is_open = False
        fresh = MovingSession(self.session.home, environ=HURRIED, client=self.session.client)
        fresh.start("clear")
        return Life(fresh, self.rng)

    def kill_client(self) -> int:
        """End the client; its exit status."""
        if self.is_open:
            self.is_open = False
            self.session.kill_client()
        return self.session.client.poll() or 0

    def complete_lines(self) -> None:
        """End every line that was begun."""
        for path, rest in list(self.rests.items()):
            self._put(path, rest)
        self.rests.clear()

    def _append(self, path: Path, lines: int) -> None:
        data = b"".join(self._line() for _ in range(lines))
        rest = self.rests.pop(path, b"")
        if rest and self.rng.random() < 0.3:
            rest = b"\n"  # a new client does not know what the last one wanted to say
        self._put(path, rest + data)

    def _line(self) -> bytes:
        self.lines += 1
        size = self.rng.choice((10, 10, 200, 5_000, 70_000))
        row = {
            "type": "user",
            "uuid": str(uuid.UUID(int=self.rng.getrandbits(128))),
            "n": self.lines,
            "text": "é " * (size // 2),
        }
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def _put(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as stream:
            stream.write(data)
