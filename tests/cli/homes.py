"""A temporary home in which a command runs as it would for a person."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from confab_sync.cli.context import Context

if TYPE_CHECKING:
    import click
    from click.testing import Result


@dataclass(frozen=True)
class Home:
    """One person's home directory, and what the commands see of it."""

    root: Path
    context: Context

    @property
    def settings(self) -> Path:
        return self.root / ".claude" / "settings.json"

    @property
    def confab(self) -> Path:
        return self.root / ".confab"

    def run(self, command: click.Command, *arguments: str) -> Result:
        """Run a command without a terminal; an error of ours is raised, not printed."""
        return CliRunner().invoke(
            command, list(arguments), obj=self.context, catch_exceptions=False
        )

    def write_settings(self, content: object) -> bytes:
        data = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
        self.settings.parent.mkdir(exist_ok=True)
        self.settings.write_bytes(data)
        return data

    def hooks(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.settings.read_bytes())["hooks"]
        return found

    def everything(self) -> dict[str, bytes | None]:
        """Path to content of all that is there; None for directories."""
        found: dict[str, bytes | None] = {}
        for place, directories, files in os.walk(self.root):
            here = Path(place)
            found |= {str((here / name).relative_to(self.root)): None for name in directories}
            found |= {
                str((here / name).relative_to(self.root)): (here / name).read_bytes()
                for name in files
            }
        return found


def home(tmp_path: Path, **environ: str) -> Home:
    """A new home, with a data directory inside on every platform."""
    root = tmp_path / "home"
    root.mkdir(parents=True, exist_ok=True)
    variables = {"HOME": str(root), "CONFAB_HOME": str(root / ".confab"), **environ}
    return Home(root, Context.from_environ(variables))


def transcript(home: Home, name: str = "0b1c2d3e-1111-2222-3333-444455556666") -> Path:
    """A finished session of Claude Code on disk."""
    path = home.root / ".claude" / "projects" / "-p" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"type":"user","message":{"role":"user","content":"hello"}}\n')
    return path


DRIVER = """
import os
from confab_sync.cli.context import Context
from confab_sync.cli.main import cli
cli(obj=Context.from_environ(os.environ))
"""


def in_a_terminal(
    home: Home, arguments: list[str], answer: str, *, once: str = ""
) -> tuple[int, str]:
    """Exit status and output of `confab` in a terminal in which `answer` is typed.

    With `once` it is typed when that has been shown: what asks for a secret forgets what was
    typed before.
    """
    package = str(Path(__file__).resolve().parents[2])
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, *arguments],
        env={**home.context.environ, "PYTHONPATH": package},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    output = b""
    try:
        while once.encode() not in output:
            output += os.read(controller, 4096)
        os.write(controller, answer.encode() + b"\n")
        while piece := os.read(controller, 4096):
            output += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(controller)
    return process.wait(), output.decode()
