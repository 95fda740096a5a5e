"""What a sync cycle came to, for the supervisor, the state file and the log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.errors import ConfabError


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: what is acknowledged of it, and what is not.

    `behind` counts bytes; for a file that ends in an unfinished line they wait for its
    newline. `note` says in words what is remarkable; `is_unread` says that reading failed
    and may succeed another time, although the file itself has not changed.
    """

    name: str
    kind: str
    lines: int
    bytes: int
    behind: int
    note: str = ""
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What a cycle cost; tests assert on these instead of on time.

    `stats` counts looks at the session's files, in a listing or opened; `bytes_read` every
    byte read from them, those read to compare as well; `parses` the lines decoded to describe
    the session; `requests` what was asked of a server; `commits` what the backend acknowledged.
    """

    files_seen: int = 0
    files_opened: int = 0
    stats: int = 0
    bytes_read: int = 0
    parses: int = 0
    lines_sent: int = 0
    bytes_sent: int = 0
    side_files_sent: int = 0
    requests: int = 0
    commits: int = 0

    def __add__(self, other: Work) -> Work:
        """The sum of two costs."""
        return Work(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


class Meter:
    """Adds up what a cycle costs while it runs, so that the sum is right however it ends."""

    def __init__(self) -> None:
        self.work = Work()

    def add(self, **counts: int) -> None:
        """Count more of some of the fields of `Work`."""
        self.work += Work(**counts)


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One cycle over all files of a session.

    `fingerprint` is that of the listing the cycle worked from. `more` says that the cycle
    stopped early and there is more to send at once; `error` is what the backend or the
    configuration had against it.
    """

    transcript_path: str
    fingerprint: int
    files: tuple[FileReport, ...] = ()
    work: Work = field(default_factory=Work)
    backend: str = ""
    backend_session_id: str = ""
    more: bool = False
    error: ConfabError | None = None
    recorded_path: str = ""
    """The transcript's path as it may be put on record; empty when nothing is known of it."""

    def failed(self, error: ConfabError) -> CycleReport:
        """The same, but for what went wrong after it."""
        return replace(self, error=error)

    @property
    def did_something(self) -> bool:
        """Whether anything reached the backend."""
        return bool(self.work.bytes_sent or self.work.side_files_sent)

    @property
    def behind(self) -> int:
        """Bytes that are not acknowledged."""
        return sum(file.behind for file in self.files)

    @property
    def unread(self) -> bool:
        """Whether something could not be read that another time may be."""
        return any(file.is_unread for file in self.files)

    @property
    def complete(self) -> bool:
        """Whether all that can be sent was sent: an unfinished line may remain."""
        return self.error is None and not self.more

    @property
    def may_rest(self) -> bool:
        """Whether nothing is left to do until a file changes."""
        return self.complete and not self.unread
