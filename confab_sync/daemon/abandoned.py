"""Sessions whose daemon died, and what it had heard of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.claude.payload import checked_transcript
from confab_sync.daemon import idle
from confab_sync.daemon.candidate import Candidate
from confab_sync.errors import PayloadError
from confab_sync.paths import PROVIDER
from confab_sync.presence import departure, inbox, lock, orphans
from confab_sync.presence import state as states
from confab_sync.presence.life import fold
from confab_sync.process import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.daemon.machine import Machine
    from confab_sync.paths import SessionPaths
    from confab_sync.presence.life import Life


def abandoned(machine: Machine) -> Iterator[Candidate]:
    """The sessions that a dead daemon has left; those without a transcript are cleared away."""
    directory = machine.paths.session("").directory
    roots = machine.projects_dirs()
    for orphan in orphans.orphans(directory, PROVIDER, machine.processes):
        try:
            records, seen = inbox.read(orphan.inbox)
        except OSError:
            continue
        candidate = _candidate(machine, orphan, fold(records), seen, roots)
        if candidate is None:
            clear(orphan, seen)
        else:
            yield candidate


def _candidate(
    machine: Machine, orphan: SessionPaths, life: Life, seen: int, roots: list[str]
) -> Candidate | None:
    state = states.read(orphan.state) or {}
    for said in (life.transcript_path, state.get("transcript_path")):
        try:
            path = checked_transcript(said, roots)
        except PayloadError:
            continue
        return Candidate(
            orphan.external_id,
            path,
            life.cwd or str(state.get("cwd") or ""),
            seen=seen,
            end=life.end,
            directories=frozenset(life.directories),
            is_live=_is_live(machine, orphan, life, path),
        )
    return None


def _is_live(machine: Machine, orphan: SessionPaths, life: Life, path: str) -> bool:
    """Whether somebody still has the session open; of one who did not say who, by the files."""
    if life.stops:
        return False
    if any(is_alive(machine.processes, parent) for parent in life.parents):
        return True
    quiet = idle.idle_seconds(orphan, path, lambda: machine.now)
    return life.unnamed_parent and quiet <= idle.LIMIT


def clear(orphan: SessionPaths, seen: int) -> None:
    """Remove what a dead daemon left, if nobody has taken the session or spoken meanwhile."""
    try:
        taken = lock.take(orphan.lock)
        if taken is not None and not departure.leave(orphan, taken, seen):
            os.close(taken)
    except OSError:
        pass
