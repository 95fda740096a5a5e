"""Checks of the databases: whether the store and the registry open, and seem sound."""

from __future__ import annotations

import os
import shlex
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.knowing import known_sessions, lost_with_the_store
from confab_sync.cli.wording import counted
from confab_sync.engine.registry_rescue import moved_aside
from confab_sync.errors import StoreError, StoreTooNew, StoreUnavailable
from confab_sync.installer import upgrade_command
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.failures import FULL
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context

SECONDS = 2.0
"""For each database: of a large one a part is looked at; `confab store check` reads it all."""

STEPS = 10_000
"""Instructions of SQLite between two looks at the clock."""


def checks(context: Context) -> Iterator[Check]:
    """The store and the registry, where there are any."""
    if os.path.exists(context.paths.store):
        yield _store(context)
    else:
        yield _no_store(context)
    if os.path.exists(context.paths.registry):
        yield _registry(context)
    for aside in moved_aside(context.paths.registry):
        found = f"the registry was damaged and is now {aside}; a new one was begun"
        yield Check("damaged registry", WARN, found, f"rm {shlex.quote(aside)}*")


def _store(context: Context) -> Check:
    path = context.paths.store
    try:
        options = DatabaseOptions(timeout=SECONDS)
        with Store.open(path, clock=context.clock, create=False, options=options) as store:
            number = len(store.sessions())
        wrong = soundness(path)
    except StoreTooNew as error:
        return Check("store", FAIL, str(error), upgrade_command())
    except StoreUnavailable as error:
        return Check("store", FAIL, str(error), _look_at(path, str(error)))
    except StoreError as error:
        return Check("store", FAIL, str(error), "confab store check")
    if wrong:
        return Check("store", FAIL, wrong, "confab store check")
    return Check("store", OK, f"opens; {counted(number, 'session')}")


def _no_store(context: Context) -> Check:
    lost = lost_with_the_store(context)
    if not lost:
        return Check("store", OK, "there is none yet; it comes with the first session")
    found = (
        f"it is gone, with {counted(lost, 'session')}: put it back, or forget what it had and "
        "archive anew what is still on disk"
    )
    registry = shlex.quote(context.paths.registry)
    return Check("store", FAIL, found, f"mv {registry} {registry}.aside && confab save --all")


def _registry(context: Context) -> Check:
    path = context.paths.registry
    known, error = known_sessions(context)
    wrong = str(error) if error else soundness(path)
    if wrong:
        passing = isinstance(error.__cause__, StoreUnavailable) if error else False
        remedy = _look_at(path, wrong) if passing else "confab save --all"
        return Check("registry", FAIL, wrong, remedy)
    return Check("registry", OK, f"opens; {counted(len(known), 'session')}")


def _look_at(path: str, trouble: str) -> str:
    """What shows why a database cannot be opened: whose it is, or how full its disk is."""
    if FULL in trouble:
        return f"df -h {shlex.quote(os.path.dirname(path))}"
    return f"ls -l {shlex.quote(path)}*"


def soundness(path: str, seconds: float = SECONDS) -> str:
    """What SQLite finds wrong in the database at `path` within `seconds`; empty for nothing."""
    end = time.monotonic() + seconds
    try:
        uri = f"file:{quote(os.fsencode(os.path.realpath(path)))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=seconds)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        is_out_of_time = getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
        return "" if is_out_of_time else f"{path}: {error}"
    return "" if said == "ok" else f"{path}: {said}"
