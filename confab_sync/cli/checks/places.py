"""Checks of the places where confab keeps things: private, on a disk with room, and local."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

from confab_sync.cli.checks.check import FAIL, OK, WARN, Check, Verdict
from confab_sync.cli.wording import short_path, size_in_words
from confab_sync.privacy import insecure_parents, tighten
from confab_sync.store.filesystem import LOCAL_TYPES, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.paths import Paths

LITTLE = 1_000_000_000
NEXT_TO_NOTHING = 100_000_000
"""Bytes of room below which the next sessions may not fit any more."""


def checks(context: Context, proc_version: str = "/proc/version") -> Iterator[Check]:
    """Permissions, file systems, room, and Windows' own file system below WSL."""
    paths = context.paths
    lasting = [each for each in tighten(paths) if not each.is_over]
    exposures = [*lasting, *insecure_parents(paths)]
    for exposure in exposures:
        remedy = f"ls -ld {shlex.quote(exposure.path)}"
        yield Check("permissions", WARN, str(exposure), remedy)
    if not exposures:
        yield Check("permissions", OK, "everything of confab is yours alone")
    is_wsl = _is_wsl(proc_version)
    for place in places(paths):
        yield _filesystem(context, place, is_wsl=is_wsl)
        yield _room(context, place)


def places(paths: Paths) -> list[str]:
    """The existing directories that hold the store and everything else, each file system once."""
    wanted = [_existing(paths.home), _existing(os.path.dirname(paths.store))]
    found: dict[int, str] = {}
    for place in wanted:
        found.setdefault(os.stat(place).st_dev, place)
    return list(found.values())


def _filesystem(context: Context, place: str, *, is_wsl: bool) -> Check:
    shown, kind = short_path(place, context.environ), kind_of(place)
    name = f"file system of {shown}"
    if kind in LOCAL_TYPES:
        return Check(name, OK, f"{kind}, local" + (", below WSL" if is_wsl else ""))
    move = "CONFAB_HOME=/a/directory/on/a/local/disk confab setup"
    if is_wsl and kind in ("9p", "drvfs", "v9fs"):
        found = f"{kind}: Windows' own disk, where locks and changes are unreliable"
        return Check(name, WARN, found, move)
    what = f"{kind or 'unknown'}, which is not known to be local: the store is slower there"
    return Check(name, WARN, f"{what}, and only one machine may use it at a time", move)


def _room(context: Context, place: str) -> Check:
    shown = short_path(place, context.environ)
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return Check(f"room in {shown}", WARN, f"cannot be told: {error.strerror}", f"df {shown}")
    verdict: Verdict = FAIL if free < NEXT_TO_NOTHING else WARN if free < LITTLE else OK
    remedy = "" if verdict == OK else "confab store prune --help"
    return Check(f"room in {shown}", verdict, f"{size_in_words(free)} free", remedy)


def _existing(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _is_wsl(proc_version: str) -> bool:
    """Whether this is Linux below Windows, which says so in its kernel's version."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        with open(proc_version, encoding="utf-8", errors="replace") as stream:
            return "microsoft" in stream.read().lower()
    except OSError:
        return False
