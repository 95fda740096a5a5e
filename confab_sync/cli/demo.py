"""`confab demo`: archive a made-up session in a temporary home and compare the copy.

All that confab does here it does as for a user: by the commands `setup`, `sync status`
and `session download`, and by the hooks that setup installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confab_sync.cli.stage import Stage, stage
from confab_sync.errors import ConfabError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@click.command(
    short_help="Archive a made-up session in a temporary home, to see it work.",
    epilog="Example: confab demo --seconds 10",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600),
    default=6.0,
    show_default=True,
    help="How long the made-up session works.",
)
def command(seconds: float) -> None:
    """Archive a made-up session in a temporary home, and compare the copy.

    Nothing of yours is read or changed, and nothing is left behind.
    """
    with signals_as_exceptions():
        with stage(os.environ) as here:
            click.echo("A made-up session in a temporary home: nothing of yours is touched.\n")
            show(here, "setup", "--no-import")
            with here.claude_code(seconds) as process:
                follow(here, process, seconds)
            here.wait_until_quiet()
            differing = compare(here)
        if differing:
            raise ConfabError(f"the copy differs in {differing} of the session's files")
        click.secho("The copy is complete, byte for byte. Nothing is left running.", bold=True)


def show(here: Stage, *arguments: str) -> None:
    """Run a command and show it with its output, the temporary home as `~`."""
    show_command(*arguments)
    for line in here.confab(*arguments).replace(here.home, "~").splitlines():
        click.echo(f"  {line}".rstrip())
    click.echo()


def show_command(*arguments: str) -> None:
    """Show how a command is typed."""
    click.secho(f"$ confab {shlex.join(arguments)}", bold=True)


def follow(here: Stage, process: subprocess.Popen[str], seconds: float) -> None:
    """Show once a second how many lines the session has and how many of them are archived.

    Half-way through, shows `confab sync status`. Raises `ConfabError` with the
    stand-in's words when a hook did not behave.
    """
    click.echo("Claude Code (a stand-in) starts a session and works:")
    began = time.monotonic()
    status_due = seconds / 2
    while process.poll() is None:
        archived = lines_archived(here)  # asked first, so that it never runs ahead
        written = sum(map(lines, here.transcripts()))
        passed = time.monotonic() - began
        click.echo(f"  {passed:4.1f} s  {written:5} lines written  {archived:5} archived")
        if passed > status_due:
            status_due = float("inf")
            click.echo()
            show(here, "sync", "status")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)
    out, err = process.communicate()
    if process.returncode != 0:
        raise ConfabError(err.strip())
    click.echo("The session has ended. Its hooks answered as Claude Code expects:")
    for event in map(json.loads, out.splitlines()):
        click.echo(f"  {event['event']:<17} {event['ms']:6.1f} ms")
    click.echo()


def lines_archived(here: Stage) -> int:
    """How many lines the session's daemon says are in the store, by `confab sync status`."""
    status = json.loads(here.confab("sync", "status", "--json"))
    return sum(file["lines"] for session in status["sessions"] for file in session["files"])


def compare(here: Stage) -> int:
    """Show each file's SHA-256 beside that of the downloaded copy; returns how many differ."""
    target = Path(here.home, "copy")
    arguments = ("session", "download", here.session[:8], "--output-dir", target.name)
    show_command(*arguments)
    here.confab(*arguments)
    differing = 0
    for name, path in here.files().items():
        on_disk, archived = sha256(path), sha256(target / name)
        differing += on_disk != archived
        click.echo(name)
        click.echo(f"  disk  {on_disk}")
        click.echo(f"  copy  {archived} {'same' if on_disk == archived else 'DIFFERS'}")
    click.echo()
    return differing


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal, or `missing`."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def lines(path: Path) -> int:
    """How many complete lines the file has."""
    return path.read_bytes().count(b"\n")


@contextlib.contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """End by way of the `finally` clauses when SIGTERM or SIGHUP arrives."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
