"""Finding out how confab stands now, for `confab status`."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync import __version__, consent
from confab_sync.cli.backlog import Backlog, backlog
from confab_sync.cli.catching_up import catch_up_view
from confab_sync.cli.knowing import lost_with_the_store
from confab_sync.cli.overview import overview
from confab_sync.cli.standing_views import (
    BackendView,
    BacklogView,
    DaemonsView,
    DiskView,
    HooksView,
    Standing,
)
from confab_sync.cli.wording import counted
from confab_sync.config import load_config
from confab_sync.errors import ConfabError, ConfigError, SettingsError, StoreError
from confab_sync.paths import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.cli.context import Context
    from confab_sync.cli.reaching import Asking
    from confab_sync.cli.views import Overview, SessionView
    from confab_sync.config import Binding, Config

EMBEDDED = "embedded"


def standing(context: Context) -> Standing:
    """Put the picture together; servers are asked meanwhile, and not waited for for long."""
    try:
        config = load_config(context.paths.config)
    except ConfigError:
        config = None
    asking = _asking(context, config)
    picture = overview(context.paths, clock=context.clock)
    left, problems = _backlog(context, picture)
    settings = consent.read_settings(context.paths.config)
    rules = settings.get(consent.IGNORE)
    return Standing(
        version=__version__,
        hooks=tuple(_hooks(context)),
        masking=picture.masking,
        paused=picture.paused,
        ignored=tuple(map(str, rules if isinstance(rules, list) else ())),
        daemons=_daemons(picture.sessions),
        backlog=left,
        catch_up=catch_up_view(context.paths.finisher),
        disk=_disk(context),
        problems=(*picture.problems, *problems),
        backends=tuple(_backends(context, config, asking)),
    )


def _asking(context: Context, config: Config | None) -> Asking | None:
    if config is None or not (config.backend_url or config.bindings):
        return None
    from confab_sync.cli.reaching import Asking, targets

    named = targets(config)
    return Asking(context, config, named) if named else None


def _backends(
    context: Context, config: Config | None, asking: Asking | None
) -> Iterable[BackendView]:
    if config is None:
        yield BackendView("unknown", answers=False, error="config.json cannot be used")
        return
    from confab_sync.cli.binding import default_directory

    default = default_directory(context)

    def named(directories: Iterable[str]) -> tuple[str, ...]:
        return tuple(each or default for each in directories)

    here = [b.directory for b in _bindings(config) if b.embedded]
    if config.backend == EMBEDDED:
        here.insert(0, "")
    if here:
        yield replace(_embedded(context), directories=named(here))
    for server in asking.answers(time.monotonic) if asking else ():
        yield BackendView(
            server.url,
            server.error is None,
            server.account,
            server.complaint,
            named(server.directories),
        )


def _bindings(config: Config) -> Iterable[Binding]:
    return config.bindings.get(PROVIDER, {}).values()


def _embedded(context: Context) -> BackendView:
    """The embedded store; one that is not there yet comes with the first session."""
    if not os.path.exists(context.paths.store):
        lost = lost_with_the_store(context)
        error = f"the store is gone, with {counted(lost, 'session')}" if lost else ""
        return BackendView(EMBEDDED, answers=not lost, error=error)
    from confab_sync.store.database import DatabaseOptions
    from confab_sync.store.store import Store

    try:
        options = DatabaseOptions(timeout=2.0)
        Store.open(context.paths.store, clock=context.clock, create=False, options=options).close()
    except StoreError as error:
        return BackendView(EMBEDDED, answers=False, error=str(error))
    return BackendView(EMBEDDED, answers=True)


def _hooks(context: Context) -> Iterable[HooksView]:
    from confab_sync.cli import launcher
    from confab_sync.cli.checks.hooks import settings_files
    from confab_sync.cli.hooks import installation, launcher_path

    is_whole = launcher.is_whole(launcher_path(context))
    for path in settings_files(context):
        try:
            inspection = installation(context, path).inspect()
        except SettingsError:
            yield HooksView(path, "unreadable")
            continue
        states = set(inspection.events.values())
        if inspection.disabled:
            state = "switched off"
        elif states == {"missing"}:
            state = "missing"
        else:
            state = "installed" if states == {"installed"} and is_whole else "incomplete"
        yield HooksView(path, state)


def _daemons(views: Iterable[SessionView]) -> DaemonsView:
    running = [view for view in views if view.running]
    return DaemonsView(
        running=len(running),
        syncing=sum(view.phase == "syncing" for view in running),
        resting=sum(view.phase in ("resting", "waiting") for view in running),
        behind=sum(bool(view.behind_bytes) for view in running),
        offline=sum(view.connection in ("offline", "error") for view in running),
    )


def _backlog(context: Context, picture: Overview) -> tuple[BacklogView, tuple[str, ...]]:
    try:
        left = backlog(context, picture.sessions)
    except ConfabError as error:
        known = Backlog(
            sum(bool(view.behind_bytes) for view in picture.sessions),
            sum(view.behind_bytes for view in picture.sessions),
        )
        told = str(error)
        is_told = any(told in problem for problem in picture.problems)
        view = _backlog_view(known, context.clock().timestamp())
        return replace(view, whole=False), () if is_told else (told,)
    return _backlog_view(left, context.clock().timestamp()), ()


def _backlog_view(left: Backlog, now: float) -> BacklogView:
    first = ""
    if left.deadlines:
        try:
            first = datetime.fromtimestamp(left.deadlines[0], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (OverflowError, ValueError, OSError):  # kept for ever
            pass
    return BacklogView(
        sessions=left.sessions,
        bytes=left.bytes,
        never=left.never,
        left_out=left.left_out,
        deleted_soon=left.soon(now),
        first_deletion=first,
    )


def _disk(context: Context) -> DiskView:
    paths = context.paths
    return DiskView(
        store=_sizes(os.path.dirname(paths.store), os.path.basename(paths.store)),
        index=_sizes(os.path.dirname(paths.index), os.path.basename(paths.index)),
        logs=_sizes(paths.logs, ""),
    )


def _sizes(directory: str, beginning: str) -> int:
    """Bytes of the files in a directory whose names begin like this."""
    total = 0
    try:
        for entry in os.scandir(directory):
            if entry.name.startswith(beginning) and entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
    except OSError:
        pass
    return total
