"""Draws docs/terminal.svg from what the commands really print in a terminal.

`make screenshots` runs it: a made-up home with three made-up sessions, nothing of yours.
"""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

DOCS = Path(__file__).parents[1] / "docs"
COLUMNS, LINES = 92, 40
COMMANDS = (
    ("setup", "--import"),
    ("list",),
    ("search", "off by one"),
    ("restore", "7d0c"),
)
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own, without the fonts that it would fetch from another host."""


@dataclass(frozen=True, slots=True)
class Told:
    """One made-up session: who said what, in turn, and how many hours ago."""

    id: str
    project: str
    branch: str
    hours: float
    turns: tuple[str, ...]


SESSIONS = (
    Told(
        "7d0c52a1-4b8e-4f0b-9c1d-2e6a7f3b9d10", "parser", "main", 26.0,
        ("Why does the tokenizer drop the last line of a file?",
         "It is off by one: `lines[:-1]` also drops a last line without a newline. I keep it now, "
         "and added a test with a file that ends in the middle of a line.",
         "Good. Open a pull request, please.",
         "Done: the tests pass, and the branch is pushed."),
    ),
    Told(
        "b41f9e06-0c7a-4d52-8f3e-91a2c8d47e5b", "shop", "checkout", 3.0,
        ("The total in the basket is wrong when a voucher is used twice",
         "The discount is applied to every line and once more to the sum. It is in one place now."),
    ),
    Told(
        "e2a86d3f-5519-4c0e-a7b4-60d1f2c3b8a7", "shop", "checkout", 0.4,
        ("Write the release notes for 2.4", "Here is a draft, grouped by what users notice."),
    ),
)  # fmt: skip


def main() -> None:
    """Run the commands in a fresh home and draw what they show."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place).resolve() / "home"
        for told in SESSIONS:
            _write(home, told)
        screen = Console(
            record=True,
            width=COLUMNS,
            file=io.StringIO(),
            force_terminal=True,
        )
        for words in COMMANDS:
            if words[0] == "restore":  # Claude Code has cleaned up
                shutil.rmtree(home / ".claude" / "projects" / _directory(home, SESSIONS[0]))
            shown = " ".join(f'"{word}"' if " " in word else word for word in words)
            screen.print(Text.assemble(("$ ", "bold green"), (f"confab {shown}", "bold")))
            output = _in_a_terminal(home, words).replace(str(home), "~")
            output = output.replace(_flat(str(home)), "-home-me")
            screen.print(Text.from_ansi(output.rstrip("\n")))
            screen.print()
        drawn = screen.export_svg(
            title="confab", theme=MONOKAI, code_format=SVG, unique_id="confab"
        )
    (DOCS / "terminal.svg").write_text(drawn, encoding="utf-8")
    print(f"written: {DOCS / 'terminal.svg'}")


def _directory(home: Path, told: Told) -> str:
    return _flat(str(home / "work" / told.project))


def _flat(path: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in path)


def _write(home: Path, told: Told) -> None:
    project = home / "work" / told.project
    project.mkdir(parents=True, exist_ok=True)
    directory = home / ".claude" / "projects" / _directory(home, told)
    directory.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC) - timedelta(hours=told.hours)
    rows: list[dict[str, Any]] = []
    for number, said in enumerate(told.turns):
        role = "assistant" if number % 2 else "user"
        message: dict[str, Any] = {"role": role, "content": said}
        if role == "assistant":
            message = {
                "id": f"msg_{number}", "type": "message", "role": role, "model": "claude",
                "content": [{"type": "text", "text": said}],
                "usage": {"input_tokens": 2100 + 900 * number, "output_tokens": 350},
            }  # fmt: skip
        rows.append(
            {
                "type": role, "uuid": str(uuid.UUID(int=number + 1)), "sessionId": told.id,
                "timestamp": moment.isoformat().replace("+00:00", "Z"), "cwd": str(project),
                "gitBranch": told.branch, "version": "2.1.0", "message": message,
            }
        )  # fmt: skip
    path = directory / f"{told.id}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def _in_a_terminal(home: Path, words: tuple[str, ...]) -> str:
    """What `confab` shows in a terminal of our width, without what only moves the cursor."""
    controller, terminal = pty.openpty()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(DOCS.parent),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "confab_sync", *words],
        env=environ,
        cwd=home / "work" / "parser",
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    output = b""
    try:
        while piece := os.read(controller, 65536):
            output += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(controller)
    if process.wait() != 0:
        raise SystemExit(f"confab {' '.join(words)} failed:\n{output.decode()}")
    lines = output.decode().replace("\r\n", "\n").split("\n")
    # A progress bar writes over itself: its last state is what a person sees.
    return "\n".join(line.rpartition("\r")[2] for line in lines).replace("\x1b[?25h", "")


if __name__ == "__main__":
    main()
