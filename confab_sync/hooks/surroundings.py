"""What a hook knows of the machine it runs on."""

from __future__ import annotations

from confab_sync.claude.layout import projects_dirs
from confab_sync.paths import Paths
from confab_sync.presence import session
from confab_sync.process import this_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.claude.payload import Payload
    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity, Processes


class Surroundings:
    """The environment, the places on disk and the processes around one hook."""

    __slots__ = ("environ", "paths", "processes")

    def __init__(self, environ: Mapping[str, str], processes: Processes | None = None) -> None:
        self.environ = environ
        self.paths = Paths(environ)
        self.processes = processes or this_platform()

    def projects_dirs(self) -> list[str]:
        """The directories below which a transcript may lie, bound ones included."""
        return projects_dirs(self.environ, self._bound())

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

    def _bound(self) -> tuple[str, ...]:
        from confab_sync.presence.state import read

        bindings = (read(self.paths.config) or {}).get("bindings")
        bound = bindings.get("claude-code") if isinstance(bindings, dict) else None
        return tuple(bound) if isinstance(bound, dict) else ()
