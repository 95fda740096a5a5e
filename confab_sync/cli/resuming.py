"""Taking up sessions again that were kept off by a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.claude.directories import projects_dirs
from confab_sync.claude.layout import locate
from confab_sync.claude.workplaces import workplaces
from confab_sync.cli.living import kept_off
from confab_sync.config import load_config
from confab_sync.engine.masked import configured_discretion
from confab_sync.presence import due, inbox, marker, session
from confab_sync.presence import state as states
from confab_sync.presence.permission import kept_off as still_kept_off
from confab_sync.process import is_alive, this_platform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.cli.context import Context
    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity


def resume_sessions(context: Context) -> int:
    """Take away the markers of a pause that is over; how many sessions have a daemon again.

    Those have one whose Claude Code still lives and has written something. Raises `OSError`
    and `ConfigError`.
    """
    paused = [name for name, why in kept_off(context.paths).items() if consent.is_pause(why)]
    if paused:
        see_to_it(context)
    bound = load_config(context.paths.config).bound_directories
    roots = projects_dirs(context.environ, bound)
    return sum(_resume(context, context.paths.session(name), roots) for name in paused)


def see_to_it(context: Context) -> None:
    """Have the sessions that could not be copied and have ended finished as soon as a hook runs.

    Raises `OSError`.
    """
    due.put_off(context.paths.finisher.due, context.clock().timestamp())


def _resume(context: Context, paths: SessionPaths, roots: Iterable[str]) -> bool:
    processes = this_platform()
    settings = consent.read_settings(context.paths.config)
    now = context.clock().timestamp()
    if consent.pause(settings, now) is not None:
        return False
    parents = [each for each in marker.parents(paths.off) if is_alive(processes, each)]
    transcript = _transcript(paths.external_id, roots) if parents else None
    if transcript is None:
        marker.clear(paths.off)  # its next prompt, or who catches up, will ask again
        return False
    if still_kept_off(paths, settings, workplaces(transcript), now) is not None:
        return False
    discretion = configured_discretion(context.paths)
    cwd = ClaudeCode().working_directory(transcript)
    recorded = discretion.transcript(transcript, cwd)
    cwd = discretion.text(cwd)
    for parent in parents:
        session.announce(paths, _start_record(recorded, cwd, parent))
    return session.ensure_daemon(
        paths,
        processes,
        context.environ,
        transcript_path=recorded,
        cwd=cwd,
        parent=parents[0],
    )


def _transcript(external_id: str, roots: Iterable[str]) -> str | None:
    """Where the session's transcript lies; None when nothing was written yet."""
    # `locate` looks into every project when the one it is given has no such file.
    found = (locate(f"{root}/-/{external_id}.jsonl") for root in roots)
    return next(filter(None, found), None)


def _start_record(transcript: str, cwd: str, parent: Identity) -> inbox.Record:
    return {
        "type": inbox.START,
        "timestamp": states.timestamp(),
        "source": "resume",
        "transcript_path": transcript,
        "cwd": cwd,
        "parent": parent.to_json(),
    }
