"""What a hook knows of the machine it runs on."""

from __future__ import annotations

import os
import time

from confab_sync import quickjson
from confab_sync.claude.directories import projects_dirs
from confab_sync.claude.payload import Payload
from confab_sync.early_errors import ConfigError
from confab_sync.paths import Paths, is_marked, lineage
from confab_sync.presence import due, session
from confab_sync.process import signals, this_platform
from confab_sync.redaction.discretion import Discretion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity, Processes

RECORDED = ("source", "reason", "permission_mode")
"""The words of a payload that records repeat; everything else of it is forgotten."""


class Surroundings:
    """The environment, the places on disk and the processes around one hook."""

    __slots__ = ("_settings", "arguments", "discretion", "environ", "paths", "processes")

    def __init__(
        self,
        environ: Mapping[str, str],
        processes: Processes | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self.arguments = arguments
        self.environ = environ
        self.paths = Paths(environ)
        self.processes = processes or this_platform()
        self.discretion = Discretion(self._redaction, self.paths.ordinary)
        self._settings: Mapping[str, Any] | None = None

    def projects_dirs(self) -> list[str]:
        """The directories below which a transcript may lie, bound ones included."""
        return projects_dirs(self.environ, self._bound())

    def project_dir(self) -> str:
        """Where Claude Code was started, as it tells its hooks; empty when it does not."""
        return self.environ.get("CLAUDE_PROJECT_DIR", "")

    def claude(self) -> Identity | None:
        """The Claude Code process that the hook speaks for; None if there is none."""
        from confab_sync.claude.parent import claude_process

        return claude_process(self.processes, self.environ)

    def notice(self) -> str | None:
        """What the user must read now, marked as shown; None when there is nothing new to say."""
        if not os.path.lexists(self.paths.notices):
            return None
        from confab_sync.presence import notice

        return notice.take(self.paths)

    def discreet(self, payload: Payload) -> Payload:
        """The payload as it may be put on record: only what is needed, and without secrets."""
        text = self.discretion.text
        return Payload(
            payload.session_id,
            self.discretion.transcript(payload.transcript_path, payload.cwd),
            text(payload.cwd),
            text(payload.event),
            {name: text(payload.text(name)) for name in RECORDED},
            payload.directory,
        )

    def recorded_project_dir(self) -> str:
        """Where Claude Code was started, as it may be put on record."""
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
            parent = self.claude()
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

    def wake_finisher(self, *, eager: bool = False) -> None:
        """Start the process that finishes sessions without a daemon, if it is due.

        With `eager` also when something waits for a backend. Usually it costs one `stat`.
        """
        now = time.time()
        if not due.is_due(self.paths.finisher.due, now, eager=eager):
            return
        from confab_sync.presence import finisher

        try:
            finisher.wake(self.paths.finisher, self.environ, now, eager=eager, at_once=True)
        except OSError:  # the hook's own session is what matters; the next hook tries again
            pass

    def wait_at_end(self, paths: SessionPaths) -> None:
        """Wait for the session's daemon to leave, if the user wants that (`CONFAB_WAIT_AT_END`)."""
        if not self.environ.get("CONFAB_WAIT_AT_END"):
            return
        from confab_sync.claude.end_wait import allowed
        from confab_sync.hooks.end_wait import wait_until_gone

        # The lane's own alarm is for what hangs, not for what waits on purpose.
        signals.setitimer(signals.ITIMER_REAL, 0)
        wait_until_gone(paths, allowed(self.environ, self.arguments))

    def _bound(self) -> tuple[str, ...]:
        bindings = self._config().get("bindings")
        bound = bindings.get("claude-code") if isinstance(bindings, dict) else None
        return tuple(bound) if isinstance(bound, dict) else ()
