"""What confab has of one session, wherever it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude.payload import checked_id
from confab_sync.cli.knowing import registered_sessions, stored_sessions
from confab_sync.cli.living import kept_off, living
from confab_sync.cli.on_disk import on_disk
from confab_sync.cli.session_source import EMBEDDED
from confab_sync.engine.told import known_copies, named
from confab_sync.errors import AmbiguousSession, ConfigError, PayloadError, SessionNotFound
from confab_sync.paths import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.cli.context import Context
    from confab_sync.engine.known import KnownSession
    from confab_sync.store.values import StoredSession


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: the backend that has it, its id there, and what is known of its size."""

    backend: str
    session_id: str
    files: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Remains:
    """Everything of one session; copies at servers come first."""

    external_id: str
    copies: tuple[Copy, ...]
    logs: tuple[str, ...]
    transcript_path: str
    """Claude Code's own file if it is there; not ours."""
    is_registered: bool
    has_daemon: bool
    is_kept_off: bool


def remains(context: Context, wanted: str) -> Remains:
    """What there is of the session that `wanted` is the id of, or an unambiguous beginning of.

    A session that only Claude Code has is found as well: it can be kept from being copied.
    Raises `SessionLookupError`, and `RegistryError` or `StoreError` when one of the two cannot
    be read: then nobody knows all of it.
    """
    known = {
        each.external_id: each for each in registered_sessions(context) if each.provider == PROVIDER
    }
    stored = {each.external_id: each for each in stored_sessions(context) if is_ours(each)}
    found = _on_disk(context)
    running = {view.id: view.running for view in living(context.paths)}
    off = kept_off(context.paths)
    names = {name: {name} for name in (*known, *stored, *found, *running, *off)}
    for name, session in known.items():
        names[name].add(session.backend_session_id)
    for name, copy in stored.items():
        names[name].add(copy.session_id)
    external_id = _chosen(names, wanted)
    return Remains(
        external_id=external_id,
        copies=_copies(
            known.get(external_id),
            stored.get(external_id),
            known_copies(context.paths.pushed, named(PROVIDER, external_id)),
        ),
        logs=tuple(filter(os.path.lexists, log_paths(context, external_id))),
        transcript_path=_transcript(known.get(external_id), found.get(external_id, "")),
        is_registered=external_id in known,
        has_daemon=running.get(external_id, False),
        is_kept_off=external_id in off,
    )


def is_ours(session: StoredSession) -> bool:
    """Whether it can be a session of Claude Code on this machine.

    A client of `confab serve` may have sent any id; only a checked one becomes a path.
    """
    try:
        checked_id(session.external_id)
    except PayloadError:
        return False
    return session.provider == PROVIDER


def _chosen(names: Mapping[str, set[str]], wanted: str) -> str:
    either = {wanted, wanted.lower()} - {""}
    found = [name for name, ids in names.items() if either & ids]
    if not found:
        found = [
            name
            for name, ids in names.items()
            if any(each.startswith(start) for each in ids for start in either)
        ]
    if not found:
        raise SessionNotFound(wanted)
    if len(found) > 1:
        raise AmbiguousSession(wanted, sorted(found))
    return found[0]


def _copies(
    known: KnownSession | None, stored: StoredSession | None, pushed: list[tuple[str, str]]
) -> tuple[Copy, ...]:
    copies = [Copy(backend, session_id) for backend, session_id in pushed]
    if known and known.backend_session_id and known.backend != EMBEDDED:
        copies.append(Copy(known.backend, known.backend_session_id))
    if stored:
        copies.append(Copy(EMBEDDED, stored.session_id, stored.files, stored.bytes))
    return tuple(dict.fromkeys(copies))


def _on_disk(context: Context) -> dict[str, str]:
    """Claude Code's transcripts by session, those of bound directories if they are known."""
    try:
        return {name: found.path for name, found in on_disk(context).items()}
    except ConfigError:
        return {}


def _transcript(known: KnownSession | None, found: str) -> str:
    registered = known.transcript_path if known else ""
    return found or (registered if registered and os.path.lexists(registered) else "")


def log_paths(context: Context, external_id: str) -> tuple[str, ...]:
    """Where the logs of a session are, if there are any."""
    return tuple(f"{context.paths.logs}/{external_id}.log{rest}" for rest in ("", ".old"))
