"""Where everything of confab lives on disk.

Imported by hooks: only `os` is needed, and paths are plain strings.
"""

from __future__ import annotations

import errno
import os
import stat
import sys

from confab_sync.early_errors import ConfabError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROVIDER = "claude-code"
"""The provider name of Claude Code's sessions (contract §2.4)."""

HIDDEN = "[REDACTED:PATH]"
"""Stands on record for a directory whose name may hold a secret."""


MARKER_FILE = ".confabignore"
"""The file whose mere presence keeps sessions in its directory, and below it, at home."""


class SessionPaths:
    """The files that say who owns one session now (design, "On disk")."""

    __slots__ = (
        "directory",
        "external_id",
        "flat_state",
        "inbox",
        "lock",
        "off",
        "provider",
        "state",
    )

    def __init__(self, directory: str, provider: str, external_id: str) -> None:
        self.directory = directory
        self.provider = provider
        self.external_id = external_id
        stem = f"{directory}/{external_id}"
        self.state = stem + ".json"
        self.inbox = stem + ".inbox.jsonl"
        self.lock = stem + ".lock"
        self.off = stem + ".off"
        self.flat_state = f"{os.path.dirname(directory)}/{external_id}.json"
        """Where older versions of the Go CLI keep the state (contract §4.2)."""


class FinisherPaths:
    """The files of the one process per user that finishes sessions without a daemon."""

    __slots__ = ("due", "lock", "since", "state")

    def __init__(self, home: str) -> None:
        self.due = home + "/catch-up.due"
        """Its modification time is the moment before which there is nothing to look for."""
        self.lock = home + "/catch-up.lock"
        self.since = home + "/catch-up.since"
        """If it is there, sessions from before its modification time are not looked for.

        One for each bound configuration directory lies beside it (`presence/wishes.py`).
        """
        self.state = home + "/catch-up.json"


class Paths:
    """All places of one user's confab, resolved once from the environment.

    A relative path in a variable counts from the home directory: a daemon's working
    directory is not that of the hook that started it. Raises `ConfabError` when there is
    no home directory.
    """

    __slots__ = (
        "_environ",
        "backoff",
        "config",
        "finisher",
        "home",
        "launcher",
        "logs",
        "notices",
        "ordinary",
        "pushed",
        "registry",
        "sync",
    )

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.home = _place(environ, "CONFAB_HOME") or os.path.join(user_home(environ), ".confab")
        self.config = _place(environ, "CONFAB_CONFIG_PATH") or self.home + "/config.json"
        self.logs = _place(environ, "CONFAB_LOG_DIR") or self.home + "/logs"
        self.sync = self.home + "/sync"
        self.registry = self.home + "/registry.db"
        self.launcher = self.home + "/bin/confab"
        self.notices = self.home + "/notices"
        self.ordinary = self.home + "/ordinary"
        self.backoff = self.home + "/backoff"
        self.pushed = self.home + "/pushed"
        self.finisher = FinisherPaths(self.home)

    @property
    def store(self) -> str:
        """The embedded store's database file."""
        if self._environ.get("CONFAB_HOME"):
            return self.home + "/store.db"
        return (_xdg_data(self._environ) or _platform_data()) + "/store.db"

    @property
    def index(self) -> str:
        """The search index, beside the store of which it is made."""
        return os.path.dirname(self.store) + "/search.db"

    def session(self, external_id: str, provider: str = PROVIDER) -> SessionPaths:
        """The presence files of one session."""
        return SessionPaths(f"{self.sync}/{provider}", provider, external_id)


def user_home(environ: Mapping[str, str]) -> str:
    """The user's home directory: an absolute `HOME`, else what the password database says.

    Raises `ConfabError` when neither names one.
    """
    home = environ.get("HOME", "")
    if home.startswith("/"):
        return home
    import pwd  # not `expanduser`, for which an empty HOME means "/"

    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        home = ""
    if not home.startswith("/"):
        raise ConfabError("your home directory is unknown; set HOME")
    return home


def make_private_directory(path: str, *, may_be_link: bool = False) -> None:
    """Create `path` and missing parents with mode 0700; an existing directory is tightened.

    Raises `OSError` when that is impossible, and as `check_own_directory` does.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if check_own_directory(path, may_be_link=may_be_link) & 0o077:
            os.chmod(path, 0o700)
    except FileNotFoundError:
        parent = os.path.dirname(path)
        if not parent:
            raise
        make_private_directory(parent, may_be_link=True)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:  # another hook of the same moment was faster
            pass


def check_own_directory(path: str, *, may_be_link: bool = False) -> int:
    """The mode of the directory `path`, provided that it is this user's own.

    What lies in it is nobody else's to put there: neither may it belong to another user, nor
    be a directory that all users share. A symbolic link is refused, since it may lead
    anywhere; for the places that a user chooses (`may_be_link`: the home of confab, the
    directories of the store, the logs and the settings) it is taken from the user or root,
    who alone can have made a link that belongs to them. Raises `OSError`.
    """
    me = os.geteuid()
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        if not may_be_link or status.st_uid not in (0, me):
            raise OSError(errno.ELOOP, "is a symbolic link, which confab does not follow", path)
        status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "is not a directory", path)
    if status.st_uid != me:
        raise PermissionError(errno.EPERM, "belongs to another user", path)
    if status.st_mode & stat.S_ISVTX and status.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "is a directory that others write to as well", path)
    return stat.S_IMODE(status.st_mode)


def is_marked(directory: str) -> bool:
    """Whether the file lies there that keeps sessions at home, whatever it is."""
    return os.path.lexists(f"{directory.rstrip('/')}/{MARKER_FILE}")


def lineage(directory: str) -> Iterator[str]:
    """A directory and all above it, links resolved, and as it was written where that differs."""
    if not directory.startswith("/") or "\0" in directory:
        return
    try:
        resolved = os.path.realpath(directory)
    except ValueError:  # half a surrogate pair, which is no name of a file
        return
    yield from _upwards(resolved)
    written = os.path.normpath(directory)
    if written != resolved and ".." not in directory.split("/"):
        yield from _upwards(written)


def _upwards(path: str) -> Iterator[str]:
    while path != "/":
        yield path
        path = path[: path.rindex("/")] or "/"
    yield path


def _xdg_data(environ: Mapping[str, str]) -> str:
    """Our directory among the user's data as the XDG base directory specification has it.

    What `platformdirs` would say, at a tenth of a command's time less; empty where it has to
    be asked, on other systems than Linux and of what the specification does not say.
    """
    if not sys.platform.startswith("linux"):
        return ""
    home, data = environ.get("HOME", ""), environ.get("XDG_DATA_HOME", "")
    if not data and home.startswith("/"):
        data = home.rstrip("/") + "/.local/share"
    return os.path.join(data, "confab") if data.startswith("/") else ""


def _platform_data() -> str:
    """The same as `platformdirs` knows it, of this process's own environment."""
    import platformdirs  # not affordable for hooks, which never open the store

    return platformdirs.user_data_dir("confab", appauthor=False)


def _place(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value or value.startswith("/"):
        return value
    return os.path.join(user_home(environ), value)
