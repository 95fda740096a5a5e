"""Finding what of confab's own others on this machine could reach, and taking that from them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.paths import check_own_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.paths import Paths

OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Exposure:
    """A file or directory, and what was or is the matter with it."""

    path: str
    what: str
    is_over: bool

    def __str__(self) -> str:
        return f"{self.path} {self.what}"


def tighten(paths: Paths) -> Iterator[Exposure]:
    """Take the rights of others from every file and directory of ours; what that was about.

    Looked through are confab's own directories, one level each, whatever lies in them. The
    owner's rights stay as they are. What is not the user's own, or is a link, is only named.
    """
    seen = set()
    for directory in directories(paths):
        if not os.path.lexists(directory):
            continue
        may_be_link = directory in _places(paths)
        try:
            mode = check_own_directory(directory, may_be_link=may_be_link)
        except OSError as error:
            yield Exposure(directory, error.strerror or "cannot be used", is_over=False)
            continue
        yield from _tightened(directory, mode)
        for entry in _entries(directory):
            seen.add(entry.path)
            yield from _tightened_file(entry.path)
    for path in (paths.config, paths.config + ".lock", paths.store):
        if path not in seen:
            yield from _tightened_file(path)


def insecure_parents(paths: Paths) -> Iterator[Exposure]:
    """The directories above confab's home in which others may put another home in its place.

    That does not show anybody what is there: what they put would not belong to the user, and
    is refused. It is named because it is no good state.
    """
    place = os.path.realpath(paths.home)
    while (parent := os.path.dirname(place)) != place:
        place = parent
        try:
            status = os.stat(place)
        except OSError:
            continue
        is_sticky = bool(status.st_mode & stat.S_ISVTX)
        if status.st_uid not in (0, os.geteuid()):
            yield Exposure(place, "belongs to another user, who can replace it", is_over=False)
        elif status.st_mode & stat.S_IWOTH and not is_sticky:
            yield Exposure(place, "is writable by everybody; `chmod o-w` ends that", is_over=False)


def directories(paths: Paths) -> list[str]:
    """The directories that are confab's own, outer ones first, whether they exist or not."""
    found = [paths.home, paths.sync, paths.backoff, paths.pushed, paths.notices]
    found.append(os.path.dirname(paths.launcher))
    if os.path.isdir(paths.sync) and not os.path.islink(paths.sync):
        found += [entry.path for entry in _entries(paths.sync) if entry.is_dir()]
    if paths.logs == paths.home + "/logs":  # elsewhere, others may have their logs there, too
        found.append(paths.logs)
    store = os.path.dirname(paths.store)
    if os.path.basename(store) == "confab":
        found.append(store)
    return list(dict.fromkeys(found))


def _places(paths: Paths) -> tuple[str, ...]:
    """Those of the directories that the user may have put elsewhere by a link."""
    return paths.home, paths.logs, os.path.dirname(paths.store)


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(directory))
    except OSError:
        return []


def _tightened_file(path: str) -> Iterator[Exposure]:
    try:
        status = os.lstat(path)
    except OSError:
        return
    if not stat.S_ISREG(status.st_mode):
        return
    if status.st_uid not in (0, os.geteuid()):
        yield Exposure(path, "belongs to another user", is_over=False)
        return
    yield from _tightened(path, stat.S_IMODE(status.st_mode))


def _tightened(path: str, mode: int) -> Iterator[Exposure]:
    if not mode & OTHERS:
        return
    try:
        os.chmod(path, mode & ~OTHERS)
    except FileNotFoundError:
        return
    except OSError as error:
        what = f"has mode {mode:04o}, and that cannot be changed: {error.strerror}"
        yield Exposure(path, what, is_over=False)
        return
    yield Exposure(path, f"was open to others (mode {mode:04o}); now it is yours alone", True)
