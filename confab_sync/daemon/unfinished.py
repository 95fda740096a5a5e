"""Which sessions have something that is not archived and no daemon to do it."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.claude.discovery import newest, transcripts
from confab_sync.claude.layout import locate, session_files
from confab_sync.claude.retention import Retention
from confab_sync.daemon.abandoned import abandoned
from confab_sync.daemon.candidate import Candidate
from confab_sync.daemon.settled import is_settled
from confab_sync.engine.ledgers import open_registry
from confab_sync.errors import RegistryError
from confab_sync.paths import PROVIDER
from confab_sync.presence import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from confab_sync.claude.discovery import Transcript
    from confab_sync.daemon.machine import Machine
    from confab_sync.engine.known import KnownFile, KnownSession
    from confab_sync.engine.registry import Registry
    from confab_sync.presence.wishes import Wishes

LATE_FILES = timedelta(days=1)
"""How long all files of a finished session are looked at again (design, "Files")."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry knows, read once; nothing when it cannot be read."""

    sessions: Mapping[str, KnownSession]
    transcripts: Mapping[str, KnownFile]
    owing: frozenset[tuple[str, str]]


NOTHING_KNOWN = Known({}, {}, frozenset())


def unfinished(
    machine: Machine, complain: Callable[[RegistryError], None], *, free_only: bool = True
) -> list[Candidate]:
    """The candidates, those first whose transcripts Claude Code deletes first.

    Each transcript costs one look in a listing; only the files of sessions that are not
    finished, or were within a day, are looked at one by one. A registry that cannot be read
    makes candidates of all sessions. Sessions that have a daemon now are left out, unless
    `free_only` is false.
    """
    on_disk = newest(transcripts(machine.projects_dirs()))
    wishes = machine.wishes()
    orphans = {
        candidate.external_id: candidate
        for candidate in abandoned(machine)
        if not wishes.wants_nothing(candidate.transcript_path)
    }
    try:
        with closing(open_registry(machine.paths, machine.clock)) as registry:
            known = _read(registry)
            wanted = [
                name
                for name in {**on_disk, **known.sessions}
                if name not in orphans
                and _is_behind(machine, registry, known, name, on_disk.get(name), wishes)
            ]
    except RegistryError as error:
        complain(error)
        known = NOTHING_KNOWN
        wanted = [name for name in on_disk if name not in orphans and on_disk[name].size]
    candidates = [*orphans.values(), *(named(known, on_disk, name) for name in wanted)]
    return in_order(machine, candidates, free_only=free_only)


def every(machine: Machine, complain: Callable[[RegistryError], None]) -> list[Candidate]:
    """Every session on disk and in the registry, whether anything is missing or not."""
    on_disk = newest(transcripts(machine.projects_dirs()))
    orphans = {candidate.external_id: candidate for candidate in abandoned(machine)}
    known = known_sessions(machine, complain)
    names = {**on_disk, **known.sessions}
    found = [orphans.get(name) or named(known, on_disk, name) for name in names]
    found += [orphan for name, orphan in orphans.items() if name not in names]
    return in_order(machine, found, free_only=False)


def known_sessions(machine: Machine, complain: Callable[[RegistryError], None]) -> Known:
    """What the registry knows; nothing, and a complaint, when it cannot be read."""
    try:
        with closing(open_registry(machine.paths, machine.clock)) as registry:
            return _read(registry)
    except RegistryError as error:
        complain(error)
        return NOTHING_KNOWN


def in_order(
    machine: Machine, found: Iterable[Candidate], *, free_only: bool = True
) -> list[Candidate]:
    """The candidates by their deadlines, without those that have a daemon."""
    retention = Retention()
    dated = [_dated(candidate, retention) for candidate in found]
    if free_only:
        dated = [each for each in dated if not _is_held(machine, each.external_id)]
    return sorted(dated, key=lambda each: (each.deadline, each.external_id))


def named(known: Known, on_disk: Mapping[str, Transcript], name: str) -> Candidate:
    """The session of this id, as disk and registry tell of it."""
    session, transcript = known.sessions.get(name), on_disk.get(name)
    path = transcript.path if transcript else session.transcript_path if session else ""
    modified = transcript.modified if transcript else 0.0
    return Candidate(name, path, session.cwd if session else "", modified)


def _dated(candidate: Candidate, retention: Retention) -> Candidate:
    """With the times of its transcript; one that is gone comes last: it has no deadline."""
    try:
        modified = candidate.modified or os.lstat(candidate.transcript_path).st_mtime
    except (OSError, ValueError):
        return replace(candidate, deadline=float("inf"))
    deadline = retention.deadline(candidate.transcript_path, modified)
    return replace(candidate, modified=modified, deadline=deadline)


def _read(registry: Registry) -> Known:
    return Known(
        {each.external_id: each for each in registry.sessions() if each.provider == PROVIDER},
        registry.transcripts(PROVIDER),
        registry.owing(),
    )


def _is_behind(
    machine: Machine,
    registry: Registry,
    known: Known,
    name: str,
    transcript: Transcript | None,
    wishes: Wishes,
) -> bool:
    session = known.sessions.get(name)
    if wishes.wants_nothing(transcript.path if transcript else _path_of(session)):
        return False
    if session is None:
        return bool(
            transcript and transcript.size and transcript.modified >= wishes.since(transcript.path)
        )
    if (PROVIDER, name) in known.owing:
        return True
    since = _age(session, machine)
    if session.finished and since > LATE_FILES:
        head = known.transcripts.get(name)
        return transcript is not None and not (head and _is_unchanged(head, transcript))
    path = transcript.path if transcript else locate(session.transcript_path)
    if path is None:
        return False
    files = registry.files(PROVIDER, name)
    looked_at = machine.now - since.total_seconds()
    return not all(
        is_settled(seen, files.get(seen.name), looked_at)
        for seen in session_files(path, transcript.status if transcript else None)
    )


def _path_of(session: KnownSession | None) -> str:
    return session.transcript_path if session else ""


def _is_unchanged(known: KnownFile, transcript: Transcript) -> bool:
    return (known.size, known.mtime_ns) == (transcript.size, transcript.mtime_ns)


def _age(session: KnownSession, machine: Machine) -> timedelta:
    """How long ago the session was last seen; nothing when that is not known."""
    try:
        return max(timedelta(0), machine.clock() - datetime.fromisoformat(session.last_seen))
    except (ValueError, TypeError):
        return timedelta(0)


def _is_held(machine: Machine, name: str) -> bool:
    try:
        return lock.is_held(machine.paths.session(name).lock)
    except OSError:
        return False
