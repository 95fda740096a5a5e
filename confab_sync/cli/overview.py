"""Every session that confab knows something about, as one picture.

Put together from what living daemons say of themselves, from the markers that keep
daemons away, and from the registry; the files on disk tell what is not archived.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from confab_sync.claude.layout import session_files
from confab_sync.engine.known import KnownFile, KnownSession
from confab_sync.engine.registry import Registry
from confab_sync.errors import AmbiguousSession, SessionNotFound
from confab_sync.paths import PROVIDER
from confab_sync.presence import lock, marker, orphans
from confab_sync.presence import state as states
from confab_sync.presence.session import foreign_daemon
from confab_sync.process import this_platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from confab_sync.paths import Paths, SessionPaths

UNFINISHED = "unfinished"
"""The phase of a session without a daemon of which something is not archived."""

ARCHIVED = "archived"
"""The phase of a session without a daemon of which everything is archived."""

OTHER = "other daemon"
"""The phase of a session that a Go CLI daemon looks after."""


@dataclass(frozen=True, slots=True)
class FileView:
    """One file: how much of it is archived, and how much is not."""

    name: str
    kind: str
    lines: int
    bytes: int
    behind_bytes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session; every field is part of the JSON that `sync status --json` prints."""

    id: str
    project: str
    phase: str
    connection: str = ""
    note: str = ""
    backend: str = ""
    pid: int | None = None
    lines: int = 0
    bytes: int = 0
    behind_bytes: int = 0
    last_error: str = ""
    last_error_at: str = ""
    last_online_at: str = ""
    since: str = ""
    started_at: str = ""
    transcript_path: str = ""
    files: tuple[FileView, ...] = field(default=())
    files_omitted: int = 0

    @property
    def is_running(self) -> bool:
        """Whether a daemon of ours has it."""
        return self.pid is not None and self.phase != OTHER


def overview(paths: Paths, *, everything: bool = False) -> list[SessionView]:
    """The sessions that have a daemon or are not finished; with `everything` all known ones.

    The ones with a daemon come first, then those seen last. Raises `RegistryError` when
    there is a registry that cannot be read and no daemon either.
    """
    views = {view.id: view for view in living(paths)}
    known = _registered(paths, unfinished_only=not everything)
    for session, files in known:
        if session.external_id not in views:
            views[session.external_id] = _without_daemon(session, files)
    for external_id, why in _kept_off(paths).items():
        if external_id not in views:
            views[external_id] = SessionView(
                external_id, project="", phase="off", note=f"stays off ({why})"
            )
    return list(views.values())


def living(paths: Paths) -> list[SessionView]:
    """The sessions that have a daemon now, or had one that died without a word."""
    directory = f"{paths.sync}/{PROVIDER}"
    found = [
        _from_presence(paths.session(external_id))
        for external_id in orphans.known_sessions(directory)
    ]
    return sorted(found, key=lambda view: view.started_at)


def resolve(paths: Paths, prefix: str) -> str:
    """The id of the one session that starts with `prefix`.

    Raises `SessionNotFound` and `AmbiguousSession`.
    """
    ids = {view.id for view in living(paths)} | set(_kept_off(paths))
    ids |= {session.external_id for session, _ in _registered(paths, unfinished_only=False)}
    if prefix in ids:
        return prefix
    found = sorted(name for name in ids if name.startswith(prefix))
    if not found:
        raise SessionNotFound(prefix)
    if len(found) > 1:
        raise AmbiguousSession(prefix, found)
    return found[0]


def _from_presence(paths: SessionPaths) -> SessionView:
    state = states.read(paths.state) or {}
    pid = state.get("pid") if isinstance(state.get("pid"), int) else None
    phase = _text(state, "phase") or "starting"
    note = _text(state, "reason") if phase == "stopping" else ""
    if foreign_daemon(paths, this_platform()) is not None:
        phase, note = OTHER, "looked after by the Go CLI, which is left alone"
    elif not lock.is_held(paths.lock):
        phase, pid, note = UNFINISHED, None, "its daemon died; the next session finishes it"
    elif phase in {"waiting", "starting"}:
        note = "no transcript yet"
    off = marker.reason(paths.off)
    return SessionView(
        id=paths.external_id,
        project=_project(_text(state, "cwd"), _text(state, "transcript_path")),
        phase=phase,
        connection=_text(state, "connection"),
        note=f"stays off ({off})" if off and phase == UNFINISHED else note,
        backend=_text(state, "backend"),
        pid=pid,
        lines=_number(state, "lines"),
        bytes=_number(state, "bytes"),
        behind_bytes=_number(state, "behind_bytes"),
        last_error=_text(state, "last_error"),
        last_error_at=_text(state, "last_error_at"),
        last_online_at=_text(state, "last_online_at"),
        since=_text(state, "phase_since") or _text(state, "started_at"),
        started_at=_text(state, "started_at"),
        transcript_path=_text(state, "transcript_path"),
        files=tuple(_file_view(file) for file in _list(state, "files")),
        files_omitted=_number(state, "files_omitted"),
    )


def _without_daemon(session: KnownSession, known: Mapping[str, KnownFile]) -> SessionView:
    files = tuple(_measured(session, known))
    behind = sum(file.behind_bytes for file in files)
    gone = not os.path.lexists(session.transcript_path)
    note = "the transcript is gone" if gone and not session.finished else ""
    return SessionView(
        id=session.external_id,
        project=_project(session.cwd, session.transcript_path),
        phase=ARCHIVED if session.finished and not behind else UNFINISHED,
        note=note,
        backend=session.backend,
        lines=sum(file.lines for file in files),
        bytes=sum(file.bytes for file in files),
        behind_bytes=behind,
        last_error=session.last_error,
        since=session.last_seen,
        started_at=session.first_seen,
        transcript_path=session.transcript_path,
        files=files,
    )


def _measured(session: KnownSession, known: Mapping[str, KnownFile]) -> Iterable[FileView]:
    """The session's files, those on disk compared with what is acknowledged of them."""
    sizes = {seen.name: seen for seen in session_files(session.transcript_path)}
    for name in [*sizes, *(name for name in known if name not in sizes)]:
        seen, file = sizes.get(name), known.get(name)
        kind = seen.kind if seen else file.kind if file else ""
        position = file.position if file else KnownFile(name, kind).position
        size = seen.size if seen else file.size if file else 0
        yield FileView(
            name=name,
            kind=kind,
            lines=position.lines,
            bytes=position.offset,
            behind_bytes=max(0, size - position.offset),
            note=file.note if file else "",
        )


def _registered(
    paths: Paths, *, unfinished_only: bool
) -> list[tuple[KnownSession, dict[str, KnownFile]]]:
    if not os.path.exists(paths.registry):
        return []
    registry = Registry(paths.registry, clock=lambda: datetime.now(UTC), create=False)
    try:
        return [
            (session, registry.files(session.provider, session.external_id))
            for session in registry.sessions(unfinished_only=unfinished_only)
        ]
    finally:
        registry.close()


def _kept_off(paths: Paths) -> dict[str, str]:
    directory = f"{paths.sync}/{PROVIDER}"
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return {}
    return {
        name.removesuffix(".off"): marker.reason(f"{directory}/{name}") or ""
        for name in names
        if name.endswith(".off")
    }


def _file_view(file: Mapping[str, Any]) -> FileView:
    return FileView(
        name=_text(file, "name"),
        kind=_text(file, "kind"),
        lines=_number(file, "lines"),
        bytes=_number(file, "bytes"),
        behind_bytes=_number(file, "behind_bytes"),
        note=_text(file, "note"),
    )


def _project(cwd: str, transcript_path: str) -> str:
    return cwd or os.path.basename(os.path.dirname(transcript_path))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _number(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _list(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = fields.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
