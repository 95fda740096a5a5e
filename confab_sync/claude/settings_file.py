"""Replaces Claude Code's settings.json without losing what others write to it meanwhile.

The file is the user's: a symbolic link stays one and its target is replaced, and mode
and owner are kept.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass

from confab_sync.errors import SettingsError
from confab_sync.files import flush_directory, written_beside

ATTEMPTS = 5
"""How often an edit starts again because somebody else changed the file meanwhile."""

BACKUP_SUFFIX = ".confab-backup"

Change = Callable[[bytes | None], bytes | None]
"""Old content to new content; None stands for "no file"."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The settings as they were read: where they really are, what was in them, how they look.

    `identity` changes when the file is replaced or written: device, inode, size in bytes,
    mtime and ctime in ns; None when there is no file.
    """

    path: str
    target: str
    data: bytes | None
    mode: int
    owner: tuple[int, int] | None
    identity: tuple[int, ...] | None


def read(path: str) -> Snapshot:
    """Read the settings at `path`, through a symbolic link.

    A missing file is no error. Raises `SettingsError` for what cannot be read or is no
    regular file.
    """
    target = os.path.realpath(path)
    try:
        status = os.stat(target)
        if not stat.S_ISREG(status.st_mode):
            raise SettingsError(f"{path} is not a regular file; confab did not touch it")
        with open(target, "rb") as stream:
            data = stream.read()
    except FileNotFoundError:
        return Snapshot(path, target, None, 0o600, None, None)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    mode = stat.S_IMODE(status.st_mode)
    owner = (status.st_uid, status.st_gid)
    return Snapshot(path, target, data, mode, owner, _identity(status))


def edit(path: str, change: Change, *, backup: bool) -> bool:
    """Replace the settings at `path` by what `change` makes of them; False when that is the same.

    With `backup` the old content is kept beside it, unless a backup is there already.
    `change` is called again when the file changed in between. Raises `SettingsError` when
    it goes on changing or cannot be replaced, and whatever `change` raises; then the file
    is as it was.
    """
    for _ in range(ATTEMPTS):
        before = read(path)
        after = change(before.data)
        if after == before.data:
            return False
        try:
            if _replace(before, after, backup):
                return True
        except OSError as error:
            raise SettingsError(
                f"{path} cannot be changed: {error.strerror} ({error.filename})"
            ) from error
    raise SettingsError(f"{path} is being changed by another program; try again")


def backup_path(path: str) -> str:
    """Where the settings from before the first change are kept: beside the link, if it is one."""
    return path + BACKUP_SUFFIX


def drop_needless_backup(path: str) -> bool:
    """Remove the backup if the settings are what it holds; whether it is gone now."""
    backup = backup_path(path)
    try:
        with open(backup, "rb") as stream:
            if stream.read() != read(path).data:
                return False
        os.unlink(backup)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _replace(before: Snapshot, after: bytes | None, backup: bool) -> bool:
    """Put `after` in place unless the file is no longer as `before` has it."""
    if before.data is not None and not before.mode & stat.S_IWUSR:
        raise SettingsError(f"{before.path} is write-protected; confab did not touch it")
    if before.data is None:
        _make_room(before)
    elif backup:
        _back_up(before)
    if after is None:
        if not _is_still(before):
            return False
        os.unlink(before.target)
    else:
        with written_beside(before.target, after, before.mode) as temporary:
            _hand_over(temporary, before)
            if not _is_still(before):
                return False
            os.rename(temporary, before.target)
    flush_directory(before.target)
    return True


def _make_room(before: Snapshot) -> None:
    directory = os.path.dirname(before.target)
    if os.path.islink(before.path) and not os.path.isdir(directory):
        raise SettingsError(
            f"{before.path} is a link to {before.target}, whose directory does not exist"
        )
    os.makedirs(directory, mode=0o700, exist_ok=True)


def _back_up(before: Snapshot) -> None:
    """Keep the content of before the first change; a backup that is there stays."""
    backup = backup_path(before.path)
    if os.path.lexists(backup):
        return
    with written_beside(backup, before.data or b"", before.mode) as temporary:
        os.rename(temporary, backup)


def _hand_over(temporary: str, before: Snapshot) -> None:
    """Give the new file the old one's owner, which only matters when run by another user."""
    if before.owner is None or before.owner == (os.geteuid(), os.getegid()):
        return
    mine = os.stat(temporary)
    if (mine.st_uid, mine.st_gid) == before.owner:
        return
    try:
        os.chown(temporary, *before.owner)
    except PermissionError as error:
        if mine.st_uid != before.owner[0]:
            raise SettingsError(f"{before.path} belongs to another user") from error
    os.chmod(temporary, before.mode)  # a change of owner may clear bits


def _is_still(before: Snapshot) -> bool:
    """Whether the link leads to the same file and that has the same content as before."""
    now = read(before.path)
    return (now.target, now.identity, now.data) == (before.target, before.identity, before.data)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
