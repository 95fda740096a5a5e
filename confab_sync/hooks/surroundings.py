"""What a hook knows of the machine it runs on."""

from __future__ import annotations

import os
import time

from confab_sync import quickjson
from confab_sync.claude.layout import projects_dirs
from confab_sync.claude.parent import claude_process
from confab_sync.errors import ConfigError
from confab_sync.paths import Paths, is_marked, lineage
from confab_sync.presence import session
from confab_sync.process import this_platform
from confab_sync.redaction.discretion import Discretion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from confab_sync.claude.payload import Payload
    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity, Processes


class Surroundings:
    """The environment, the places on disk and the processes around one hook."""

    __slots__ = ("_settings", "discretion", "environ", "paths", "processes")

    def __init__(self, environ: Mapping[str, str], processes: Processes | None = None) -> None:
        self.environ = environ
        self.paths = Paths(environ)
        self.processes = processes or this_platform()
        self.discretion = Discretion(self._redaction)
        self._settings: Mapping[str, Any] | None = None

    def projects_dirs(self) -> list[str]:
        """The directories below which a transcript may lie, bound ones included."""
        return projects_dirs(self.environ, self._bound())

    def project_dir(self) -> str:
        """Where Claude Code was started, as it tells its hooks; empty when it does not."""
        return self.environ.get("CLAUDE_PROJECT_DIR", "")

    def recorded_project_dir(self) -> str:
        """The same as it may be put on record."""
        return self.discretion.text(self.project_dir())

    def kept_off(self, paths: SessionPaths, payload: Payload, *, ends: bool = False) -> str | None:
        """Why the session is to have no daemon, as its marker says from here on; else None.

        A daemon that it still has is woken, so that it hears of what the user has decided.
        `ends` says that the hook speaks for somebody who leaves the session.
        """
        directories = dict.fromkeys((payload.directory, self.project_dir()))
        if not self._is_doubtful(paths, directories):
            return None
        from confab_sync import consent
        from confab_sync.presence import permission

        why = permission.kept_off(paths, self._config(), directories, time.time())
        if why is None or not consent.is_refusal(why):
            return why
        if consent.is_pause(why):
            parent = claude_process(self.processes, self.environ)
            permission.remember(paths, why, (parent,) if parent else (), gone=ends)
        session.nudge(paths, self.processes)
        return why

    def ensure_daemon(self, paths: SessionPaths, payload: Payload, parent: Identity | None) -> bool:
        """Start the session's daemon if it needs one; True when one was started.

        Raises `OSError`.
        """
        return session.ensure_daemon(
            paths,
            self.processes,
            self.environ,
            transcript_path=payload.transcript_path,
            cwd=payload.cwd,
            parent=parent,
        )

    def _is_doubtful(self, paths: SessionPaths, directories: Iterable[str]) -> bool:
        """Whether there is anything that could forbid a daemon: if not, no more is imported."""
        settings = self._config()
        return (
            settings.get("ignore") is not None
            or settings.get("paused") is not None
            or os.path.lexists(paths.off)
            or any(is_marked(place) for directory in directories for place in lineage(directory))
        )

    def _config(self) -> Mapping[str, Any]:
        if self._settings is None:
            self._settings = quickjson.read_object(self.paths.config)
        return self._settings

    def _redaction(self) -> Mapping[str, object] | None:
        """What config.json says of masking. Raises `ConfigError` when that cannot be known."""
        settings = self._config()
        if not settings and os.path.lexists(self.paths.config):
            from confab_sync import consent

            if not consent.is_understood(self.paths.config):
                raise ConfigError("config.json cannot be understood")
        stated = settings.get("redaction")
        if stated is not None and not isinstance(stated, dict):
            raise ConfigError("redaction should be an object")
        return stated

    def _bound(self) -> tuple[str, ...]:
        bindings = self._config().get("bindings")
        bound = bindings.get("claude-code") if isinstance(bindings, dict) else None
        return tuple(bound) if isinstance(bound, dict) else ()
