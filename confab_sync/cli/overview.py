"""Every session that confab knows something about, as one picture.

Put together from what living daemons say of themselves, from the markers that keep
daemons away, and from the registry; the files on disk tell what is not archived.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from confab_sync import consent
from confab_sync.cli.guarding import lasting_exposures
from confab_sync.cli.knowing import PATIENCE
from confab_sync.cli.living import kept_off, living
from confab_sync.cli.measuring import measured
from confab_sync.cli.views import ARCHIVED, OFF, OTHER, Overview, SessionView
from confab_sync.config import load_config
from confab_sync.engine.registry import Registry
from confab_sync.errors import AmbiguousSession, ConfigError, RegistryError, SessionNotFound
from confab_sync.paths import PROVIDER
from confab_sync.presence import marker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from confab_sync.engine.known import KnownSession
    from confab_sync.paths import Paths

Row = TypeVar("Row")

MISSING_HERE = "sessions without a daemon are missing here"

LATE_FILES = timedelta(days=1)
"""How long a finished session's files are looked at again (design, "Files")."""


def overview(
    paths: Paths,
    *,
    everything: bool = False,
    only: str = "",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Overview:
    """The sessions that have a daemon, are kept off, are not finished or have grown since.

    With `everything` all known ones; with `only` the one session that has this id. Those with
    a daemon come first, the others by when they were seen last. A registry that cannot be
    read is a problem that is told, and hides nothing else.
    """
    present = {view.id: view for view in living(paths) if only in ("", view.id)}
    settings, now = consent.read_settings(paths.config), clock().timestamp()
    off = {
        name: why
        for name, why in kept_off(paths).items()
        if only in ("", name) and not consent.is_over(why, settings, now)
    }

    def to_measure(session: KnownSession) -> bool:
        name = session.external_id
        if (name in present and present[name].running) or only not in ("", name):
            return False
        return is_wanted(session) or _may_have_grown(session, clock())

    def is_wanted(session: KnownSession) -> bool:
        name = session.external_id
        return bool(everything or only or not session.finished or name in present or name in off)

    registered, problems = _registered(paths, to_measure, is_wanted)
    views = {view.id: view for view in registered}
    for name, view in present.items():
        views[name] = _merged(view, views.get(name))
    for name, why in off.items():
        if not (name in views or everything or only or _is_recent(paths, name, why, clock())):
            continue
        view = views.get(name) or SessionView(name, project="", phase=OFF)
        if not view.running and view.phase != OTHER:
            views[name] = replace(view, phase=OFF, note=_joined(f"stays off ({why})", view.note))
    ordered = _ordered(views.values())
    counts = dict(from_registry(paths, lambda registry: _masked(registry, views))[0])
    masking, complaints = _masking(paths)
    return Overview(
        tuple(replace(view, masked=counts.get(view.id, {})) for view in ordered),
        (*problems, *complaints, *lasting_exposures(paths)),
        masking,
        consent.pause(settings, now) or "",
    )


def resolve(paths: Paths, prefix: str, elsewhere: Callable[[], Iterable[str]] = tuple) -> str:
    """The id of the one session that starts with `prefix`.

    Ids from `elsewhere` are asked for where nothing else tells of such a session. Raises
    `SessionNotFound` and `AmbiguousSession`; a registry that cannot be read only matters to
    the sessions that nothing else tells of.
    """
    ids = {view.id for view in living(paths)} | set(kept_off(paths))
    if prefix in ids:
        return prefix
    known, problems = from_registry(paths, lambda registry: registry.sessions())
    ids |= {session.external_id for session in known}
    found = _beginning(ids, prefix) or _beginning(elsewhere(), prefix)
    if prefix in found:
        return prefix
    if len(found) > 1:
        raise AmbiguousSession(prefix, found)
    if not found and problems:
        raise RegistryError(problems[0])
    if not found:
        raise SessionNotFound(prefix)
    return found[0]


def _beginning(ids: Iterable[str], prefix: str) -> list[str]:
    return sorted(name for name in ids if name.startswith(prefix)) if prefix else []


def _is_recent(paths: Paths, name: str, why: str, now: datetime) -> bool:
    """Whether a session that is kept off is still worth a row.

    Those that the user wants not to be copied, of which there may be many, are for a day.
    """
    if not consent.is_refusal(why) and why != marker.DISABLED:
        return True
    try:
        since = datetime.fromtimestamp(os.stat(paths.session(name).off).st_mtime, UTC)
    except OSError:
        return False
    return now - since < LATE_FILES


def _masking(paths: Paths) -> tuple[str, tuple[str, ...]]:
    """What config.json says of masking, and what is wrong with config.json."""
    try:
        return "on" if load_config(paths.config).masks else "off", ()
    except ConfigError as error:
        return "unknown", (f"nothing is archived until this is mended: {error}",)


def _merged(present: SessionView, registered: SessionView | None) -> SessionView:
    """A daemon speaks for itself; of one that died, the files tell more than its last words."""
    if present.running or present.phase == OTHER or registered is None:
        return present
    if registered.phase == ARCHIVED:
        return registered
    return replace(registered, note=_joined(present.note, registered.note))


def _registered(
    paths: Paths,
    to_measure: Callable[[KnownSession], bool],
    is_wanted: Callable[[KnownSession], bool],
) -> tuple[list[SessionView], tuple[str, ...]]:
    """The sessions to measure, without those that are fine and not wanted for anything else."""

    def read(registry: Registry) -> list[SessionView]:
        found = [
            (session, measured(session, registry.files(session.provider, session.external_id)))
            for session in registry.sessions()
            if to_measure(session)
        ]
        return [view for session, view in found if view.phase != ARCHIVED or is_wanted(session)]

    return from_registry(paths, read)


def _may_have_grown(session: KnownSession, now: datetime) -> bool:
    """Whether files may have been written to after the daemon left (behaviour sheet §7)."""
    try:
        since = now - datetime.fromisoformat(session.last_seen)
    except ValueError:
        return True
    return since < LATE_FILES


def _masked(registry: Registry, wanted: Iterable[str]) -> list[tuple[str, dict[str, int]]]:
    return [(name, registry.masked(PROVIDER, name)) for name in wanted]


def _was_used(paths: Paths) -> bool:
    """Whether the store has sessions of its owner: that of a mere server has none."""
    from confab_sync.cli.ids import STORED, read

    return os.path.exists(paths.store) and bool(read(paths.store, STORED, ""))


def from_registry(
    paths: Paths, read: Callable[[Registry], list[Row]]
) -> tuple[list[Row], tuple[str, ...]]:
    """What `read` finds in the registry, and the problem if it cannot be read."""
    if not os.path.exists(paths.registry):
        missing = f"{MISSING_HERE}: there is no registry at {paths.registry} any more"
        return [], (missing,) if _was_used(paths) else ()
    try:
        registry = Registry(
            paths.registry,
            clock=lambda: datetime.now(UTC),
            create=False,
            patience=PATIENCE,
        )
        with closing(registry):
            return read(registry), ()
    except RegistryError as error:
        return [], (f"{MISSING_HERE}: {error}",)


def _ordered(views: Iterable[SessionView]) -> list[SessionView]:
    ordered = sorted(views, key=lambda view: view.since, reverse=True)
    return sorted(ordered, key=lambda view: not view.running)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
