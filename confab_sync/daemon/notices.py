"""What the user is told, once, of a backend that takes nothing: no usable settings, no key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import BackendForbidden, BackendUnauthorized
from confab_sync.presence import notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.log import Log
    from confab_sync.engine.report import CycleReport
    from confab_sync.errors import ConfabError, ConfigError
    from confab_sync.paths import Paths


class Notices:
    """Leaves the notices that the next session start shows, and takes them back.

    `directory` is Claude's configuration directory that the session belongs to; None: the
    default one.
    """

    def __init__(self, all_paths: Paths, directory: Callable[[], str | None], log: Log) -> None:
        self._all_paths = all_paths
        self._directory = directory
        self._log = log
        self._is_welcome = False

    def unusable(self, error: ConfigError) -> None:
        """There is no backend by config.json."""
        self._tell("config", error)

    def usable(self) -> None:
        """There is a backend by config.json."""
        notice.settle(self._all_paths, self._subject_of("config"))

    def cycle(self, report: CycleReport) -> None:
        """Take in a report; tell the user once of a key that does not work, until one does."""
        if isinstance(report.error, (BackendUnauthorized, BackendForbidden)):
            self._tell("key", report.error)
            self._is_welcome = False
        elif report.error is None and report.backend_session_id and not self._is_welcome:
            notice.settle(self._all_paths, self._subject_of("key"))
            self._is_welcome = True

    def _subject_of(self, trouble: str) -> str:
        """What a notice is about: the trouble of one backend is not that of another."""
        directory = self._directory()
        return trouble if directory is None else f"{trouble} of {directory}"

    def _tell(self, trouble: str, error: ConfabError) -> None:
        about = self._subject_of(trouble)
        try:
            notice.leave(self._all_paths, about, f"confab does not archive: {error}")
        except OSError as failure:
            self._log.failure("notice_unwritable", failure)
