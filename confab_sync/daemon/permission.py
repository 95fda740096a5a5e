"""Whether a daemon may go on with its session, by config.json as it is now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from confab_sync import consent
from confab_sync.daemon.watchers import ConfigWatcher
from confab_sync.presence import permission
from confab_sync.presence import state as states
from confab_sync.redaction.discretion import REDACTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.paths import Paths, SessionPaths
    from confab_sync.presence.life import Life


class Permission:
    """Asked before each cycle; config.json is read only when it is not what it was.

    `clock` gives seconds since the epoch; `reveal` finds out where a session works of whose
    directory the records hide a part.
    """

    def __init__(
        self,
        all_paths: Paths,
        paths: SessionPaths,
        clock: Callable[[], float] = time.time,
        reveal: Callable[[Life], str] = lambda life: life.cwd,
    ) -> None:
        self._config = all_paths.config
        self._paths = paths
        self._reveal = reveal
        self._revealed = ""
        self._clock = clock
        self._watcher = ConfigWatcher(self._config)
        self._settings: Mapping[str, Any] = consent.read_settings(self._config)
        self._changed = False
        started_in = (states.read(paths.state) or {}).get("cwd")
        self._started_in = started_in if isinstance(started_in, str) else ""

    def refused(self, life: Life) -> str | None:
        """Why nothing more of the session may be sent, as its marker says then; else None."""
        self._look()
        directories = (*sorted(life.directories), self._started_in, self._hidden(life))
        why = permission.kept_off(self._paths, self._settings, directories, self._clock())
        if why is None or not consent.is_refusal(why):
            return None
        permission.remember(self._paths, why, life.parents, gone=False)
        return why

    def _hidden(self, life: Life) -> str:
        """The directory that the records name only without its secrets; empty if none is."""
        if not self._revealed and any(REDACTED in each for each in life.directories):
            self._revealed = self._reveal(life)
        return self._revealed

    def config_changed(self) -> bool:
        """Whether config.json is another one than when this was last asked."""
        self._look()
        changed, self._changed = self._changed, False
        return changed

    def _look(self) -> None:
        if self._watcher.look() is not None:
            self._changed = True
            self._settings = consent.read_settings(self._config)
