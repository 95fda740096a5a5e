"""What `confab serve` is told of the sessions whose daemons run on its own host."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from typing import TYPE_CHECKING

from confab_sync.cli.living import living
from confab_sync.paths import PROVIDER
from confab_sync.presence import state as states
from confab_sync.server.local import Local, LocalSession

if TYPE_CHECKING:
    from confab_sync.cli.views import SessionView
    from confab_sync.paths import Paths


def local(paths: Paths) -> Local:
    """This host and the sessions of its user, as their daemons describe them."""
    directory = f"{paths.sync}/{PROVIDER}"

    def mark() -> object | None:
        try:
            return os.stat(directory).st_mtime_ns  # states are replaced by rename
        except OSError:
            return None

    return Local(
        hostname=socket.gethostname(),
        sessions=lambda: [_told(paths, view) for view in living(paths)],
        mark=mark,
    )


def _told(paths: Paths, view: SessionView) -> LocalSession:
    state = states.read(paths.session(view.id).state) or {}
    session_id = state.get("confab_session_id")
    return LocalSession(
        external_id=view.id,
        backend=view.backend,
        session_id=session_id if isinstance(session_id, str) else "",
        cwd=view.project,
        phase=view.phase,
        running=view.running,
        connection=view.connection,
        note=view.note,
        behind_bytes=view.behind_bytes,
        lines=view.lines,
        last_error=view.last_error,
        last_online_at=_moment(view.last_online_at),
        since=_moment(view.since),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
