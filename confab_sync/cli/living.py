"""The sessions that have a daemon, as their daemons describe them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from confab_sync.claude.layout import on_disk
from confab_sync.cli import fields
from confab_sync.cli.views import OTHER, UNFINISHED, FileView, SessionView
from confab_sync.paths import PROVIDER
from confab_sync.presence import lock, marker, orphans
from confab_sync.presence import state as states
from confab_sync.presence.session import foreign_daemon
from confab_sync.process import this_platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.paths import Paths, SessionPaths
    from confab_sync.process import Processes

NO_TRANSCRIPT = "no transcript yet"
DIED = "its daemon died; the next session finishes it"
FOREIGN = "looked after by the Go CLI, which is left alone"
UNREADABLE_STATE = "its daemon lives, but its state cannot be read"


def living(paths: Paths) -> list[SessionView]:
    """The sessions that have a daemon now, or had one that died without a word.

    Those that are running come first, each in the order in which they started.
    """
    processes = this_platform()
    found = [described(paths.session(name), processes) for name in _sessions(paths, processes)]
    return sorted(found, key=lambda view: (not view.running, view.started_at, view.id))


def _sessions(paths: Paths, processes: Processes) -> list[str]:
    """The ids of all sessions with a state or an inbox, an older Go CLI's among them."""
    ours = orphans.known_sessions(f"{paths.sync}/{PROVIDER}")
    flat = [
        name
        for name in orphans.known_sessions(paths.sync)
        if name not in ours and foreign_daemon(paths.session(name), processes) is not None
    ]
    return ours + flat


def described(paths: SessionPaths, processes: Processes) -> SessionView:
    """One session as its state describes it, provided that a daemon stands behind it.

    Every field of the state may be missing or of any type: what cannot be read is left out.
    """
    state = states.read(paths.state)
    if foreign_daemon(paths, processes) is not None:
        if state is None or states.is_ours(state):
            state = states.read(paths.flat_state)
        return _view(paths, state or {}, OTHER, FOREIGN)
    if not is_held(paths):
        return _view(paths, {**(state or {}), "pid": None, "connection": ""}, UNFINISHED, DIED)
    if state is None:
        return _view(paths, {}, "starting", UNREADABLE_STATE, running=True)
    phase = fields.text(state, "phase") or "starting"
    note = fields.text(state, "reason") if phase == "stopping" else ""
    if phase in {"waiting", "starting"} and not _has_transcript(state):
        note = NO_TRANSCRIPT
    return _view(paths, state, phase, note, running=True)


def _has_transcript(state: Mapping[str, Any]) -> bool:
    return os.path.lexists(on_disk(fields.text(state, "transcript_path")))


def is_held(paths: SessionPaths) -> bool:
    """Whether the session has a daemon; what stands in the lock's place is none."""
    try:
        return lock.is_held(paths.lock)
    except OSError:
        return False


def kept_off(paths: Paths) -> dict[str, str]:
    """The sessions that are not to get a daemon, and why not."""
    directory = f"{paths.sync}/{PROVIDER}"
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return {}
    marked = [name.removesuffix(".off") for name in names if name.endswith(".off")]
    return {name: marker.reason(f"{directory}/{name}.off") or "" for name in marked}


def project(cwd: str, transcript_path: str) -> str:
    """What a person calls a session's project: its directory, as far as it is known."""
    return cwd or os.path.basename(os.path.dirname(transcript_path))


def _view(
    paths: SessionPaths, state: Mapping[str, Any], phase: str, note: str, *, running: bool = False
) -> SessionView:
    return SessionView(
        id=paths.external_id,
        project=project(fields.text(state, "cwd"), fields.text(state, "transcript_path")),
        phase=phase,
        running=running,
        connection=fields.text(state, "connection"),
        note=note,
        backend=fields.text(state, "backend"),
        pid=fields.number(state, "pid") or None,
        lines=fields.number(state, "lines"),
        bytes=fields.number(state, "bytes"),
        behind_bytes=fields.number(state, "behind_bytes"),
        last_error=fields.text(state, "last_error"),
        last_error_at=fields.text(state, "last_error_at"),
        last_online_at=fields.text(state, "last_online_at"),
        since=fields.text(state, "phase_since") or fields.text(state, "started_at"),
        started_at=fields.text(state, "started_at"),
        transcript_path=fields.text(state, "transcript_path"),
        files=tuple(_file_view(file) for file in fields.objects(state, "files")),
        files_omitted=fields.number(state, "files_omitted"),
        work=fields.numbers(state, "work"),
    )


def _file_view(file: Mapping[str, Any]) -> FileView:
    return FileView(
        name=fields.text(file, "name"),
        kind=fields.text(file, "kind"),
        lines=fields.number(file, "lines"),
        bytes=fields.number(file, "bytes"),
        behind_bytes=fields.number(file, "behind_bytes"),
        note=fields.text(file, "note"),
    )
