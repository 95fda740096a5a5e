"""Starting, nudging and probing the daemon of one session: the steps hooks and commands share.

Most hooks find a living daemon, so what is needed to start one is imported only for that.
"""

from __future__ import annotations

import os

from confab_sync.paths import check_own_directory, make_private_directory
from confab_sync.presence import state as states
from confab_sync.process import Identity, identify, send_signal, signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.paths import SessionPaths
    from confab_sync.presence.inbox import Record
    from confab_sync.presence.state import State
    from confab_sync.process import Processes

NUDGE = signals.SIGUSR1
"""Tells a daemon to look at its inbox and files now; never means "stop"."""


def ensure_daemon(
    paths: SessionPaths,
    processes: Processes,
    environ: Mapping[str, str],
    *,
    transcript_path: str,
    cwd: str,
    parent: Identity | None,
) -> bool:
    """Start the session's daemon unless it has one or stays off; True when one was started.

    The inbox says what there is to do: when it is empty, a daemon has already taken in what
    the caller put there, and has left. Safe to call from many processes at once: the lock
    lets one through. Raises `OSError` when the session's files cannot be written.
    """
    from confab_sync.presence import inbox, lock

    if os.path.lexists(paths.off) or foreign_daemon(paths, processes) is not None:
        return False
    taken = lock.take(paths.lock)
    if taken is None:
        return False
    # Asked once more: who forgets a session puts the marker before taking the lock.
    if os.path.lexists(paths.off) or not inbox.size(paths.inbox):
        os.unlink(paths.lock)
        os.close(taken)
        return False
    from confab_sync.presence import spawn

    fresh = states.initial(
        paths,
        transcript_path=transcript_path,
        cwd=cwd,
        parent=parent,
        run_id=os.urandom(8).hex(),
    )
    return spawn.start(paths.state, taken, fresh, spawn.daemon_command("rest", paths), environ)


def announce(paths: SessionPaths, record: Record) -> None:
    """Append `record` to the session's inbox, creating its directory. Raises `OSError`.

    Nothing is written below a directory that somebody else may have put in place.
    """
    from confab_sync.presence import inbox

    try:
        check_session_directory(paths)
        inbox.append(paths.inbox, record)
    except FileNotFoundError:
        make_session_directory(paths)
        inbox.append(paths.inbox, record)


def make_session_directory(paths: SessionPaths) -> None:
    """Create the directory of the session's presence files, or make it private.

    Raises `OSError` as `make_private_directory` does.
    """
    home, sync = _above(paths)
    make_private_directory(home, may_be_link=True)
    for directory in (sync, paths.directory):
        make_private_directory(directory)


def check_session_directory(paths: SessionPaths) -> None:
    """Raise `OSError` unless the directories of the presence files are the user's own."""
    home, sync = _above(paths)
    check_own_directory(home, may_be_link=True)
    for directory in (sync, paths.directory):
        check_own_directory(directory)


def _above(paths: SessionPaths) -> tuple[str, str]:
    """The home of confab, and `sync` in it."""
    sync = os.path.dirname(paths.directory)
    return os.path.dirname(sync), sync


def nudge(paths: SessionPaths, processes: Processes) -> bool:
    """Make the living daemon look at its inbox and files at once; False if there is none."""
    state = states.read(paths.state)
    return state is not None and nudge_daemon(state, processes)


def nudge_daemon(state: State, processes: Processes) -> bool:
    """The same for who has read the state: False if what wrote it has gone, or is not ours."""
    if not states.is_ours(state):
        return False
    daemon = Identity.from_json(state.get("daemon"))
    try:
        return daemon is not None and send_signal(processes, daemon, NUDGE)
    except OSError:
        return False


FOREIGN_PROGRAM = "confab"
"""What the Go CLI's executable is called (contract §4.9); ours is a Python interpreter."""


def foreign_daemon(paths: SessionPaths, processes: Processes) -> int | None:
    """The pid of a living Go CLI daemon that has this session; None when there is none.

    It is left alone (design, "On disk"): its state has no run id of ours. That state holds
    no start time either, so a pid that has passed to a stranger is told by the program.
    """
    for path in (paths.state, paths.flat_state):
        state = states.read(path)
        if state is not None and not states.is_ours(state):
            pid = _living_foreigner(state, processes)
            if pid is not None:
                return pid
    return None


def _living_foreigner(state: State, processes: Processes) -> int | None:
    pid = state.get("pid")
    if not isinstance(pid, int) or identify(processes, pid) is None:
        return None
    program = os.path.basename(processes.executable(pid).removesuffix(" (deleted)"))
    return pid if program == FOREIGN_PROGRAM else None
