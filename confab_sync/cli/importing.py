"""Archiving the sessions that are already on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from confab_sync import consent
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.claude.layout import bound_directory, projects_dirs
from confab_sync.claude.payload import checked_id
from confab_sync.claude.workplaces import workplaces
from confab_sync.config import load_config
from confab_sync.engine.catch_up import catch_up
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.masked import configured_discretion, masking_backend
from confab_sync.engine.registry import Registry
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.errors import ConfabError, ConfigError, PayloadError
from confab_sync.presence import inbox, marker, session
from confab_sync.presence.life import fold
from confab_sync.process import this_platform
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.backends.protocol import Backend
    from confab_sync.cli.context import Context
    from confab_sync.engine.report import CycleReport
    from confab_sync.paths import SessionPaths

QUIET_SECONDS = 300
"""How long a transcript must not have been written to before it counts as finished."""

FAILURES_BELIEVED = 3
"""Sessions in a row that the backend did not take, after which it would take none."""


def transcripts(context: Context) -> Iterator[str]:
    """Every transcript below the known projects directories, oldest first."""
    bound = load_config(context.paths.config).bound_directories
    found: list[tuple[float, str]] = []
    for root in projects_dirs(context.environ, bound):
        for project in _entries(root):
            if project.is_dir(follow_symlinks=False):
                found += [
                    (_modified(entry), entry.path)
                    for entry in _entries(project.path)
                    if _is_transcript(entry)
                ]
    for _, path in sorted(found):
        yield path


@dataclass(slots=True)
class Tally:
    """What came of the sessions so far; what went wrong is told once, at the end."""

    sessions: int = 0
    lines: int = 0
    left_alone: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    complaints: dict[str, None] = field(default_factory=dict)


def import_sessions(context: Context) -> None:
    """Archive all of them, with a progress bar.

    Those that have a daemon are left to it, those that are kept off are left alone. Raises
    `ConfabError` for what would stop all of them.
    """
    settings = load_config(context.paths.config).raw
    paused = consent.pause(settings, context.clock().timestamp())
    if paused is not None:
        raise ConfabError(f"confab is {paused}; nothing is imported before `confab resume`")
    paths = list(transcripts(context))
    tally = Tally()
    in_a_row = 0
    with click.progressbar(paths, label="Importing sessions", width=0, show_pos=True) as bar:
        for path in bar:
            error = _import(context, path, tally)
            in_a_row = in_a_row + 1 if error else 0
            if isinstance(error, ConfigError) or (error and in_a_row == FAILURES_BELIEVED):
                raise ConfabError(f"the import stopped: {error}; run it again later") from error
    _tell(tally, len(paths))


def _tell(tally: Tally, found: int) -> None:
    click.echo(f"Imported {tally.sessions:,} of {found:,} sessions, {tally.lines:,} lines.")
    if tally.left_alone:
        click.echo(f"Left alone: {tally.left_alone:,} with a daemon, kept off or ignored.")
    for external_id, error in tally.failures.items():
        click.echo(f"confab: {external_id}: {printable(error)}", err=True)
    for complaint in tally.complaints:
        click.echo(f"confab: {printable(complaint)}", err=True)


def _import(context: Context, path: str, tally: Tally) -> ConfabError | None:
    """Archive one session; what the backend or the configuration had against it."""
    external_id = os.path.basename(path).removesuffix(".jsonl")
    paths = context.paths.session(external_id)
    if _is_kept_off(context, paths, path):
        tally.left_alone += 1
        return None
    try:
        report = _catch_up(context, paths, path, tally)
    except FileNotFoundError:  # Claude Code has removed or moved it meanwhile
        return None
    except OSError as error:
        tally.failures[external_id] = str(error)
        return None
    if report is None:
        tally.left_alone += 1
        return None
    tally.lines += sum(file.lines for file in report.files)
    if report.error is None:
        tally.sessions += 1
    else:
        tally.failures[external_id] = str(report.error)
    return report.error


def _is_kept_off(context: Context, paths: SessionPaths, path: str) -> bool:
    """Whether a marker or the user's settings, as they are now, forbid the session's copy.

    A marker of settings that are not in force any more is cleared.
    """
    marked = marker.reason(paths.off)
    if marked is not None and not consent.is_refusal(marked):
        return True
    ruled = consent.ruled_directory(marked) if marked else None
    places = workplaces(path) | ({ruled} if ruled else set())
    settings = consent.read_settings(context.paths.config)
    if consent.refusal(settings, places, context.clock().timestamp()) is not None:
        return True
    marker.clear(paths.off)
    return False


def _catch_up(context: Context, paths: SessionPaths, path: str, tally: Tally) -> CycleReport | None:
    ledger = Ledger(
        paths.provider,
        paths.external_id,
        lambda: Registry(context.paths.registry, clock=context.clock),
        lambda error: tally.complaints.setdefault(str(error)),
    )
    bound = bound_directory(path, context.environ)

    def open_backend() -> Backend:
        return masking_backend(context.paths, bound, ledger.count_masked)

    claude = ClaudeCode()
    discretion = configured_discretion(context.paths)
    sync = SessionSync(claude, open_backend, ledger, discretion=discretion)
    try:
        return catch_up(
            paths,
            sync,
            Subject(paths.external_id, path, claude.working_directory(path), is_live=False),
            is_quiet=context.clock().timestamp() - os.stat(path).st_mtime > QUIET_SECONDS,
        )
    finally:
        sync.close()
        ledger.close()
        _start_announced(context, paths)


def _start_announced(context: Context, paths: SessionPaths) -> None:
    """Start the daemon that a hook would have started while the import held the lock."""
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


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(directory))
    except OSError:
        return []


def _modified(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:  # removed since it was listed
        return 0.0


def _is_transcript(entry: os.DirEntry[str]) -> bool:
    if not entry.name.endswith(".jsonl") or not entry.is_file(follow_symlinks=False):
        return False
    try:
        checked_id(entry.name.removesuffix(".jsonl"))
    except PayloadError:
        return False
    return True
