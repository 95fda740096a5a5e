"""Every session there is anything of, found in a fixed order of sources.

The registry knows what happened on this machine, the store what it holds, and the projects
directories of every known configuration directory of Claude Code what lies there now. Where
they say different things of a session, the later in this order only adds.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.claude.layout import TRANSCRIPT
from confab_sync.claude.metadata import chunk_metadata, working_directory
from confab_sync.cli.choosing import title
from confab_sync.cli.living import is_held
from confab_sync.cli.on_disk import transcripts
from confab_sync.engine.registry import Registry
from confab_sync.errors import RegistryError
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.cli.context import Context
    from confab_sync.engine.known import KnownSession
    from confab_sync.store.values import StoredSession

LIVE = "live"
ARCHIVED = "archived"
SAVED = "saved"
"""Archived, and Claude Code's own file is gone."""
UNFINISHED = "unfinished"
NOT_ARCHIVED = "not archived"

HEAD = 256 * 1024
"""Bytes of a transcript in which its title, its directory and its branch are looked for."""

SETTLED = timedelta(minutes=1)
"""How long after a session was last looked at its file may still have been written to."""

PATIENCE = 2.0
"""Seconds that a person waits for a registry in which somebody else writes."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One session; what is not known is empty. `size` is in bytes, `path` that on this disk."""

    id: str
    state: str
    last: datetime
    project: str = ""
    branch: str = ""
    title: str = ""
    size: int = 0
    backend: str = ""
    session_id: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class _OnDisk:
    path: str
    size: int
    modified: datetime


def catalogue(context: Context) -> tuple[list[Listed], list[str]]:
    """All of them, the newest first, and what stood in the way of a whole picture.

    Raises `ConfigError` and `StoreError`.
    """
    known, problems = _known(context)
    stored = {each.external_id: each for each in _stored(context)}
    on_disk = _on_disk(context)
    found = [
        _listed(context, name, known.get(name), stored.get(name), on_disk.get(name))
        for name in dict.fromkeys((*known, *stored, *on_disk))
    ]
    return sorted(found, key=lambda each: each.last, reverse=True), problems


def described(listed: Listed) -> Listed:
    """The same with what only its own first lines tell, if nothing else did."""
    if not listed.path or (listed.project and listed.title):
        return listed
    try:
        with open(listed.path, "rb") as stream:
            head = stream.read(HEAD)
    except OSError:  # gone meanwhile
        return listed
    told = chunk_metadata(TRANSCRIPT, head)
    git = told.git_info if isinstance(told.git_info, dict) else {}
    return replace(
        listed,
        project=listed.project or working_directory(head.split(b"\n")),
        branch=listed.branch or str(git.get("branch", "")),
        title=listed.title or told.summary or told.first_user_message or "",
    )


def _listed(
    context: Context,
    name: str,
    known: KnownSession | None,
    stored: StoredSession | None,
    there: _OnDisk | None,
) -> Listed:
    moments = [there.modified] if there else []
    if stored:
        moments.append(stored.last_message_at or stored.last_sync_at)
    elif known:
        moments.append(datetime.fromisoformat(known.last_seen))
    git = stored.git_info if stored and isinstance(stored.git_info, dict) else {}
    return Listed(
        id=name,
        state=_state(context, name, known, stored, there),
        last=max(moments),
        project=(known.cwd if known else "") or (stored.cwd or "" if stored else ""),
        branch=str(git.get("branch", "")),
        title=title(stored) if stored else "",
        size=max(there.size if there else 0, stored.bytes if stored else 0),
        backend=(known.backend if known else "") or ("embedded" if stored else ""),
        session_id=stored.session_id if stored else "",
        path=there.path if there else "",
    )


def _state(
    context: Context,
    name: str,
    known: KnownSession | None,
    stored: StoredSession | None,
    there: _OnDisk | None,
) -> str:
    if known is None and stored is None:
        return NOT_ARCHIVED
    if is_held(context.paths.session(name)):
        return LIVE
    if known is not None:
        seen = datetime.fromisoformat(known.last_seen)
        has_grown = there is not None and there.modified > seen + SETTLED
        if not known.finished or has_grown:
            return UNFINISHED
    return ARCHIVED if there else SAVED


def _known(context: Context) -> tuple[dict[str, KnownSession], list[str]]:
    if not os.path.exists(context.paths.registry):
        return {}, []
    try:
        registry = Registry(
            context.paths.registry, clock=context.clock, create=False, patience=PATIENCE
        )
        with closing(registry):
            return {each.external_id: each for each in registry.sessions()}, []
    except RegistryError as error:
        return {}, [str(error)]


def _stored(context: Context) -> Iterable[StoredSession]:
    if not os.path.exists(context.paths.store):
        return []
    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        return store.sessions()


def _on_disk(context: Context) -> dict[str, _OnDisk]:
    found = {}
    for path in transcripts(context):  # oldest first: of two, the newer one counts
        try:
            status = os.stat(path, follow_symlinks=False)
        except OSError:
            continue
        name = os.path.basename(path).removesuffix(".jsonl")
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        found[name] = _OnDisk(path, status.st_size, modified)
    return found
