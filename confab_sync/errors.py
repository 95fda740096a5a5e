"""Every error that confab raises on purpose, and the exit status each one means.

ConfabError                       1
├── UsageError                    2   the command line asks for something impossible
├── SessionLookupError            3
│   ├── SessionNotFound           3   no session has this id
│   └── AmbiguousSession          3   several sessions start like this
├── ConfigError                   4   config.json cannot be used
├── SettingsError                 4   Claude Code's settings.json cannot be edited safely
├── PayloadError                  1   a hook was handed something that is not a hook payload
├── StoreError                    5   the embedded store cannot do what was asked
│   ├── StoreUnavailable          5   ... this time: locked, full, unreadable
│   ├── StoreDamaged              5   ... because its content is not what was written
│   ├── StoreTooNew               5   ... because a newer confab wrote it
│   ├── UnknownSession            5   ... because it has no such session
│   │   └── DeletedSession        5   ... any more
│   ├── ForeignSession            5   ... because the session is another user's
│   ├── TooManyChunks             5   ... because a file has as many chunks as it may have
│   ├── UnknownAccount            5   ... because it has no such user or key
│   ├── NameTaken                 5   ... because a user or key of this name exists
│   ├── KeyLimitReached           5   ... because the user has as many keys as possible
│   └── NotContiguous             5   ... because a chunk does not follow on the last one
├── SearchError                   2   what is looked for holds no word
├── RegistryError                 5   the registry of sessions cannot be used
│   └── RegistryDamaged           5   ... because its content is not what was written
├── BackendError                  6   the backend did not take what was sent
│   ├── BackendUnavailable        6   ... this time: unreachable, overloaded, locked, full
│   │   └── FileUnavailable       6   ... this time, this file; the others may fare better
│   ├── BackendUnauthorized       6   ... because there is no key, or it knows no such key
│   ├── BackendForbidden          6   ... because whom it knows may not do that
│   ├── BackendRefused            6   ... and never will: the same request must not be repeated
│   │   └── FileDiverged          6   ... because the file is not the one it has the beginning of
│   ├── PositionMoved             6   a chunk did not follow on what the backend has
│   └── SessionGone               6   the session was deleted at the backend
├── ServerError                   7   `confab serve` cannot run as asked
├── RequestRefused                7   a client of `confab serve` asks for what it cannot have
└── UnsupportedPlatform           1   neither macOS nor Linux

Only the front doors (`__main__`, a hook, the daemon's run loop) turn one into an exit
status or a log line. Hooks import `early_errors`, which has those that they may meet.
"""

from confab_sync import early_errors

ConfabError = early_errors.ConfabError
ConfigError = early_errors.ConfigError
PayloadError = early_errors.PayloadError
UnsupportedPlatform = early_errors.UnsupportedPlatform


def described(error: BaseException) -> str:
    """What may be put on record of an error: the kind, and words of our own or of the system's.

    The message of any other error may quote what it stumbled over.
    """
    kind = type(error).__name__
    if isinstance(error, ConfabError):
        return f"{kind}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    return kind


def of_system(error: OSError) -> str:
    """What the system says of a file, for a person: Python puts a number before it."""
    if not error.strerror:
        return str(error)
    return f"{error.strerror} ({error.filename})" if error.filename else error.strerror


class UsageError(ConfabError):
    """The command line asks for something impossible; `--help` shows what is possible."""

    exit_status = 2


class SessionLookupError(ConfabError):
    """An id or a prefix of one does not name exactly one session."""

    exit_status = 3


class SessionNotFound(SessionLookupError):
    """No session has this id; `confab list` lists those that are known."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no session starts with '{wanted}'; see `confab list`")


class AmbiguousSession(SessionLookupError):
    """Several sessions start like this; give more characters of the id."""

    def __init__(self, wanted: str, candidates: "list[str]") -> None:
        shown = ", ".join(candidates[:5]) + (", …" if len(candidates) > 5 else "")
        super().__init__(f"'{wanted}' could be any of {shown}; give more characters")
        self.candidates = candidates


class SettingsError(ConfabError):
    """Claude Code's settings.json cannot be edited safely; it was left as it is."""

    exit_status = 4


class StoreError(ConfabError):
    """The embedded store cannot do what was asked; `confab store check` tells more."""

    exit_status = 5


class StoreDamaged(StoreError):
    """The store's content is not what was written; restore it from a backup.

    `path` is its file, where that is what cannot be read.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class StoreTooNew(StoreError):
    """A newer confab wrote this store; upgrade confab to use it."""


class StoreUnavailable(StoreError):
    """The store cannot answer now (locked, disk full, permission); the same may succeed later."""


class UnknownSession(StoreError):
    """The store has no such session: it was deleted, or never opened."""


class DeletedSession(UnknownSession):
    """The session was deleted from this store; what another store had is only unknown here."""


class ForeignSession(StoreError):
    """The session exists and belongs to another user."""


class TooManyChunks(StoreError):
    """A file has as many chunks as it may have (contract §3.3); the session has to end."""


class UnknownAccount(StoreError):
    """The store has no such user, or the user no such key."""


class NameTaken(StoreError):
    """A user or a key of this name exists already."""


class KeyLimitReached(StoreError):
    """The user has as many API keys as one may have (contract §1.3)."""


class NotContiguous(StoreError):
    """A chunk does not begin where the stored file ends; `expected` is the 1-based line it should.

    The message is the contract's (§2.5), because clients match it.
    """

    def __init__(self, expected: int, got: int) -> None:
        super().__init__(f"first_line must be {expected} (got {got}) - chunks must be contiguous")
        self.expected = expected


class SearchError(ConfabError):
    """What is looked for holds no word; give at least one."""

    exit_status = 2


class RegistryError(ConfabError):
    """The registry of sessions cannot be used; syncing goes on from the backend's positions."""

    exit_status = 5


class RegistryDamaged(RegistryError):
    """The registry's content is not what was written; it is moved aside and begun anew."""


class BackendError(ConfabError):
    """The backend did not take what was sent; the data stays here until it does."""

    exit_status = 6


class BackendUnavailable(BackendError):
    """The backend cannot answer now (locked, full, unreachable); the same is tried again later.

    `retry_after` is the number of seconds before which trying is pointless, if known.
    """

    def __init__(self, message: str, retry_after: "float | None" = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class FileUnavailable(BackendUnavailable):
    """The backend cannot take this file now; it is tried again later, the others go on."""


class BackendUnauthorized(BackendError):
    """The backend wants a key that it knows; `confab login` gets one."""


class BackendForbidden(BackendError):
    """The backend knows the user and says no: deactivated, read-only, or another's session."""


class BackendRefused(BackendError):
    """The backend will never take this; repeating it unchanged is pointless."""


class FileDiverged(BackendRefused):
    """The file was rewritten and the backend keeps no generations: its copy stays as it is."""


class PositionMoved(BackendError):
    """The backend has more or less of a file than we believed; it is asked, then believed."""


class SessionGone(BackendError):
    """The session was deleted at the backend; its daemon ends and does not recreate it."""


class ServerError(ConfabError):
    """`confab serve` cannot run as asked: another one runs, or the address is taken."""

    exit_status = 7


class RequestRefused(ConfabError):
    """A client of `confab serve` asks for what it cannot have; this becomes the answer.

    `body` is a text, or the object of a JSON answer (contract §1.7).
    """

    exit_status = 7

    def __init__(
        self,
        status: int,
        body: "str | dict[str, str]",
        headers: "dict[str, str] | None" = None,
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}
