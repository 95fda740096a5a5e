"""Removing everything that confab has of one session, here and at its server."""

from __future__ import annotations

import os
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.cli.remains import log_paths
from confab_sync.cli.remains import remains as all_remains
from confab_sync.cli.session_source import EMBEDDED, target_of
from confab_sync.cli.stopping import keep_off
from confab_sync.daemon import log
from confab_sync.engine import told
from confab_sync.engine.registry import Registry
from confab_sync.errors import BackendForbidden, ConfabError
from confab_sync.paths import PROVIDER
from confab_sync.presence import departure, lock, marker, session
from confab_sync.process import this_platform
from confab_sync.store.index import SearchIndex
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confab_sync.cli.context import Context
    from confab_sync.cli.remains import Copy, Remains
    from confab_sync.paths import SessionPaths

PATIENCE = 35.0
"""Seconds to wait for whoever copies the session now: a daemon leaves within its own budget."""

ASK_AGAIN = 2.0
"""Seconds after which a daemon is asked once more: a hook may have spoken in between."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of one copy; `error` is why it is still there."""

    copy: Copy
    was_there: bool = True
    error: ConfabError | None = None


def forget(
    context: Context,
    remains: Remains,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> list[Removed]:
    """Stop the session's daemon, remove every copy and all that is known of the session.

    The marker is put first and stays, so nothing copies the session again. Whatever is cut off
    in the middle, doing it again finishes: what tells of a copy goes after the copy itself.
    Claude Code's own files are not touched. Raises `ConfabError` when nothing could be removed
    because somebody still copies the session, or any session to another server.
    """
    paths = context.paths.session(remains.external_id)
    with told.without_pushes(context.paths.pushed), _alone(context, paths, clock, pause):
        # Who had the session until now may have made a copy that was not there to be shown.
        copies = (*remains.copies, *all_remains(context, remains.external_id).copies)
        chosen = {(copy.session_id, copy.backend): copy for copy in reversed(copies)}
        removed = [_remove(context, copy, remains) for copy in reversed(chosen.values())]
        for path in log_paths(context, remains.external_id):
            _unlink(path)
        for path in log_paths(context, log.CATCH_UP):
            _leave_out(path, remains.external_id)
        if all(_is_settled(each) for each in removed) and os.path.exists(context.paths.registry):
            with closing(Registry(context.paths.registry, clock=context.clock)) as registry:
                registry.forget(PROVIDER, remains.external_id)
        if all(_is_settled(each) for each in removed):
            told.forget(context.paths.pushed, told.named(PROVIDER, remains.external_id))
    return removed


def _is_settled(removed: Removed) -> bool:
    """Whether nothing more can be done about a copy from here."""
    return removed.error is None or isinstance(removed.error, BackendForbidden)


@contextmanager
def _alone(
    context: Context,
    paths: SessionPaths,
    clock: Callable[[], float],
    pause: Callable[[float], None],
) -> Iterator[None]:
    """Keep everybody away from the session for good; at the end its presence files are gone."""
    if session.foreign_daemon(paths, this_platform()) is not None:
        raise ConfabError("a daemon of the Go CLI looks after the session; stop it there first")
    try:
        taken = _taken(context, paths, clock, pause)
    except OSError as error:
        raise ConfabError(f"the session cannot be kept off: {error}") from error
    if taken is None:
        raise ConfabError(
            f"somebody still copies the session after {PATIENCE:.0f} s; nothing was removed, and "
            "nothing new starts: run it again later"
        )
    try:
        yield
    finally:
        departure.abandon(paths, taken)
        os.close(taken)


def _taken(
    context: Context,
    paths: SessionPaths,
    clock: Callable[[], float],
    pause: Callable[[float], None],
) -> int | None:
    """The session's lock, as soon as its daemon has left without a final sync."""
    now = clock()
    deadline, ask = now + PATIENCE, now
    while True:
        if clock() >= ask:
            keep_off(context, paths.external_id, marker.FORGOTTEN)
            ask = clock() + ASK_AGAIN
        taken = lock.take(paths.lock)
        if taken is not None and marker.reason(paths.off) != marker.FORGOTTEN:
            # Somebody cleared an older marker, and did not see what it says by now.
            marker.put(paths.off, marker.FORGOTTEN)
        if taken is not None or clock() >= deadline:
            return taken
        pause(0.05)


def _remove(context: Context, copy: Copy, remains: Remains) -> Removed:
    try:
        if copy.backend != EMBEDDED:
            return Removed(copy, _delete_at_server(context, copy, remains.transcript_path))
        # First, because afterwards nobody would know that the index has something of it.
        _remove_from_index(context, copy.session_id, remains.external_id)
        with Store.open(context.paths.store, clock=context.clock, create=False) as store:
            store.delete_session(copy.session_id)
        # Once more: a search may have taken it in again meanwhile.
        _remove_from_index(context, copy.session_id, remains.external_id)
        return Removed(copy)
    except ConfabError as error:
        return Removed(copy, error=error)


def _remove_from_index(context: Context, session_id: str, external_id: str) -> None:
    if os.path.exists(context.paths.index):
        with closing(SearchIndex(context.paths.index)) as index:
            index.forget(session_id)
            index.facts.drop([external_id])


def _delete_at_server(context: Context, copy: Copy, transcript_path: str) -> bool:
    from confab_sync.backends.http.deletion import delete_session
    from confab_sync.cli.connecting import client
    from confab_sync.config import load_config

    config = load_config(context.paths.config)
    target = target_of(context, config, copy.backend, transcript_path)
    there = client(context, config, target.backend_url, target.api_key, login=target.login)
    with closing(there):
        return delete_session(there, copy.session_id)


def _leave_out(path: str, text: str) -> None:
    try:
        log.leave_out(path, text)
    except OSError as error:
        raise ConfabError(f"{path} cannot be changed: {error.strerror}") from error


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ConfabError(f"{path} cannot be removed: {error.strerror}") from error
