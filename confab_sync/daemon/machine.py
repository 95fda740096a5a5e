"""What finishing sessions without a daemon takes from outside: places, processes, the time."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from confab_sync import consent
from confab_sync.claude.directories import projects_dirs
from confab_sync.config import load_config
from confab_sync.presence import marker
from confab_sync.presence.wishes import settings_or_none, wishes_of
from confab_sync.process import this_platform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from confab_sync.paths import Paths, SessionPaths
    from confab_sync.presence.wishes import Wishes
    from confab_sync.process import Processes


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Machine:
    """One user's confab on this machine."""

    paths: Paths
    environ: Mapping[str, str]
    processes: Processes = field(default_factory=this_platform)
    clock: Callable[[], datetime] = _now

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock().timestamp()

    def settings(self) -> Mapping[str, Any]:
        """The content of config.json. Raises `ConfigError`."""
        return load_config(self.paths.config).raw

    def projects_dirs(self) -> list[str]:
        """The directories below which a transcript may lie."""
        return projects_dirs(self.environ, settings_or_none(self.paths).bound_directories)

    def wishes(self) -> Wishes:
        """Since when sessions are wanted that no hook told of."""
        return wishes_of(self.paths)

    def was_configured_since(self, moment: str) -> bool:
        """Whether config.json was written since `moment` (RFC 3339), or that cannot be told."""
        try:
            since = datetime.fromisoformat(moment).timestamp()
            return os.stat(self.paths.config).st_mtime >= since
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            return True

    def paused(self) -> str | None:
        """Why nothing at all is copied now, if so. Raises `ConfigError`."""
        return consent.pause(self.settings(), self.now)

    def kept_off(self, session: SessionPaths, places: Iterable[str]) -> str | None:
        """Why nothing of a session that worked in `places` is to be copied now, if so.

        A marker of settings that are not in force any more is cleared. None is put: of old
        sessions there may be thousands, and nobody asks for them but whoever finishes them.
        Raises `ConfigError` for settings that cannot be read: then nobody knows what the user
        wants; and `OSError`.
        """
        marked = marker.reason(session.off)
        if marked is not None and not consent.is_refusal(marked):
            return marked
        ruled = consent.ruled_directory(marked) if marked else None
        why = consent.refusal(self.settings(), {*places, *filter(None, (ruled,))}, self.now)
        # Not one that says something else by now, such as that the session is forgotten.
        if why is None and marked is not None and marker.reason(session.off) == marked:
            marker.clear(session.off)
        return why
