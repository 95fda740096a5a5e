"""What confab has put on this machine, file by file, for the one command that deletes it.

Only files whose place and name are known to be confab's are listed; everything else that
lies beside them stays, and is named.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.errors import ConfabError

if TYPE_CHECKING:
    from confab_sync.paths import Paths

_DATABASE_REST = r"(-wal|-shm|-journal|\.lock)?"
_STORE_REST = r"(-wal|-shm|-journal|\.lock|\.serve)?"
"""What lies beside the store: that of a database, and the pid file of `confab serve`."""

_INDEX = r"search\.db(-wal|-shm|-journal|\.lock|\.updating)?"
"""The search index, which is made of the store and goes with it."""

_REPLACED = r"(\.lock|\.tmp|\.\d+(\.[0-9a-f]{8})?\.tmp)?"
"""What stays beside a file that is replaced whole: its lock, and a write that was cut off."""

_HOME = re.compile(
    rf"registry\.db(\.damaged-[0-9TZ.]+)?{_DATABASE_REST}|registry\.db\.rescue"
    rf"|catch-up\.(due|lock|since(-[0-9a-f]{16})?)|catch-up\.json(\.\d+\.tmp)?|ordinary|settings-origin\.json{_REPLACED}"
    r"|last_update_check"
)
_SESSION = re.compile(r"[A-Za-z0-9_-]+\.((json|off)(\.\d+)?(\.tmp)?|inbox\.jsonl|lock)")
_SYNC = re.compile(rf"{_SESSION.pattern}|\.turn-\d+")
_BACKOFF = re.compile(rf"[0-9a-f]{{16}}\.json{_REPLACED}")
_PUSHED = re.compile(r"[0-9a-f]{16}\.jsonl(\.\d+\.[0-9a-f]{8}\.tmp)?")
_NOTICES = re.compile(r"[0-9a-f]{16}\.json(\.\d+\.tmp)?")
_LOG = re.compile(r"[A-Za-z0-9_.-]+\.log(\.old|\.\d+|\.gz)*")
_LOG_ELSEWHERE = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.log(\.old)?|confab(-[0-9T.-]+)?\.log(\.\d+|\.gz)*"
)
"""Names of our logs where other programs may have theirs: a session's id, or the Go CLI's."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """The files of confab that exist, and the directories that are confab's own.

    Directories come innermost first, so that each is empty when its turn comes.
    """

    store: tuple[str, ...]
    files: tuple[str, ...]
    directories: tuple[str, ...]

    @property
    def store_size(self) -> int:
        """Bytes of the store on disk, with its index."""
        return sum(os.lstat(path).st_size for path in self.store if os.path.lexists(path))


def belongings(paths: Paths) -> Belongings:
    """Find everything of confab that exists now."""
    home = paths.home
    own_logs = paths.logs == home + "/logs"
    sync_directories = [f"{paths.sync}/{name}" for name in _names(paths.sync)]
    private = [
        *((directory, _SESSION) for directory in sync_directories),
        (paths.sync, _SYNC),
        (home + "/logs", _LOG),
        (paths.backoff, _BACKOFF),
        (paths.pushed, _PUSHED),
        (paths.notices, _NOTICES),
        (os.path.dirname(paths.launcher), re.compile(r"confab\.\d+\.[0-9a-f]{8}\.tmp")),
    ]
    # A link in the place of one of these may lead to somebody else's files.
    places = [(directory, pattern) for directory, pattern in private if _is_own(directory)]
    places += [] if own_logs else [(paths.logs, _LOG_ELSEWHERE)]
    config_directory, config_name = os.path.split(paths.config)
    places += [(config_directory, re.compile(re.escape(config_name) + _REPLACED)), (home, _HOME)]
    store_directory, store_name = os.path.split(paths.store)
    archive = re.compile(f"{re.escape(store_name)}{_STORE_REST}|{_INDEX}")
    store = _matching(store_directory, archive)
    own = [directory for directory, _ in private]
    own += [store_directory] if os.path.basename(store_directory) == "confab" else []
    return Belongings(
        store=tuple(store),
        files=tuple(dict.fromkeys(path for place in places for path in _matching(*place))),
        directories=tuple(dict.fromkeys(path for path in (*own, home) if _is_own(path))),
    )


def delete(found: Belongings) -> list[str]:
    """Delete them, and the directories that are empty then; what had to stay in those.

    Raises `ConfabError` when something cannot be deleted.
    """
    left = []
    try:
        for path in (*found.store, *found.files):
            _unlink(path)
        for directory in found.directories:
            remaining = [f"{directory}/{name}" for name in _names(directory)]
            left += [path for path in remaining if path not in found.directories]
            if not remaining:
                os.rmdir(directory)
    except OSError as error:
        raise ConfabError(f"{error.filename} cannot be deleted: {error.strerror}") from error
    return left


def _matching(directory: str, pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{directory}/{name}"
        for name in sorted(_names(directory))
        if pattern.fullmatch(name) and not _is_own(f"{directory}/{name}")
    ]


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _is_own(path: str) -> bool:
    """Whether it is a directory itself, not a link to one."""
    return os.path.isdir(path) and not os.path.islink(path)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:  # a daemon that stopped meanwhile took it along
        pass
