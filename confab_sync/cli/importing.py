"""Archiving the sessions that are already on disk."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from confab_sync.backends.choice import configured_backend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.claude.layout import bound_directory, projects_dirs
from confab_sync.claude.metadata import working_directory
from confab_sync.claude.payload import checked_id
from confab_sync.config import load_config
from confab_sync.engine.catch_up import catch_up
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.registry import Registry
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.errors import ConfabError, PayloadError
from confab_sync.presence import inbox, session
from confab_sync.presence.life import fold
from confab_sync.process import this_platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.backends.protocol import Backend
    from confab_sync.cli.context import Context
    from confab_sync.engine.report import CycleReport

QUIET_SECONDS = 300
"""How long a transcript must not have been written to before it counts as finished."""


FIRST_BYTES = 256 * 1024
"""How much of a transcript is searched for the directory that the session worked in."""


def transcripts(context: Context) -> Iterator[str]:
    """Every transcript below the known projects directories, oldest first."""
    bound = load_config(context.paths.config).bound_directories
    found: list[tuple[float, str]] = []
    for root in projects_dirs(context.environ, bound):
        for project in _entries(root):
            if project.is_dir(follow_symlinks=False):
                found += [
                    (entry.stat(follow_symlinks=False).st_mtime, entry.path)
                    for entry in _entries(project.path)
                    if _is_transcript(entry)
                ]
    for _, path in sorted(found):
        yield path


def import_sessions(context: Context) -> None:
    """Archive all of them, with a progress bar; those that have a daemon are left to it.

    Raises `ConfabError` for the first thing that would stop all of them.
    """
    paths = list(transcripts(context))
    failures = 0
    lines = 0
    with click.progressbar(paths, label="Importing sessions", width=0, show_pos=True) as bar:
        for path in bar:
            report = _import(context, path)
            if report is None:
                continue
            lines += sum(file.lines for file in report.files)
            failures += report.error is not None
            if report.error is not None and failures > 3:
                raise ConfabError(f"the import stopped: {report.error}; run it again later")
    done = len(paths) - failures
    click.echo(f"Imported {done:,} of {len(paths):,} sessions, {lines:,} lines.")


def _import(context: Context, path: str) -> CycleReport | None:
    external_id = os.path.basename(path).removesuffix(".jsonl")
    paths = context.paths.session(external_id)
    ledger = Ledger(
        paths.provider,
        external_id,
        lambda: Registry(context.paths.registry, clock=lambda: datetime.now(UTC)),
        _complain,
    )
    bound = bound_directory(path, context.environ)

    def open_backend() -> Backend:
        return configured_backend(context.paths, bound)

    sync = SessionSync(ClaudeCode(), open_backend, ledger)
    try:
        return catch_up(
            paths,
            sync,
            Subject(external_id, path, _working_directory(path), is_live=False),
            is_quiet=time.time() - os.stat(path).st_mtime > QUIET_SECONDS,
        )
    except FileNotFoundError:
        return None
    finally:
        sync.close()
        ledger.close()
        _start_announced(context, external_id)


def _working_directory(path: str) -> str:
    """Where the session was, as its first lines say."""
    try:
        with open(path, "rb") as stream:
            return working_directory(stream.read(FIRST_BYTES).split(b"\n"))
    except OSError:  # the cycle will say so
        return ""


def _start_announced(context: Context, external_id: str) -> None:
    """Start the daemon that a hook would have started while the import held the lock."""
    paths = context.paths.session(external_id)
    if not inbox.size(paths.inbox):
        return
    life = fold(inbox.read(paths.inbox)[0])
    session.ensure_daemon(
        paths,
        this_platform(),
        context.environ,
        transcript_path=life.transcript_path,
        cwd=life.cwd,
        parent=None,
    )


def _complain(error: ConfabError) -> None:
    click.echo(f"confab: {error}", err=True)


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(directory))
    except OSError:
        return []


def _is_transcript(entry: os.DirEntry[str]) -> bool:
    if not entry.name.endswith(".jsonl") or not entry.is_file(follow_symlinks=False):
        return False
    try:
        checked_id(entry.name.removesuffix(".jsonl"))
    except PayloadError:
        return False
    return True
