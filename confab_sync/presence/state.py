"""The state file: what a living daemon tells everyone else about itself.

The first fields are the Go CLI's (contract §4.2), so that it can read ours; only the
holder of the session's lock writes it, always whole and by rename.
"""

from __future__ import annotations

import errno
import os
import time

from confab_sync import quickjson

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from confab_sync.paths import SessionPaths
    from confab_sync.process import Identity

    State = dict[str, Any]

LARGEST = 16 * 1024 * 1024
"""Bytes: a state file beyond this is not one of ours."""


def initial(
    paths: SessionPaths,
    *,
    transcript_path: str,
    cwd: str,
    parent: Identity | None,
    run_id: str,
) -> State:
    """The state with which a daemon is started; its pid is added by the spawn."""
    return {
        "provider": paths.provider,
        "external_id": paths.external_id,
        "transcript_path": transcript_path,
        "cwd": cwd,
        "pid": 0,
        "parent_pid": parent.pid if parent else 0,
        "inbox_path": paths.inbox,
        "started_at": timestamp(),
        "run_id": run_id,
        "phase": "starting",
        "connection": "idle",
    }


def read(path: str) -> State | None:
    """The state at `path`; None when there is none or it is not a JSON object."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        # Not `LARGEST`: Python makes room for all that it is told to read.
        content = os.read(descriptor, min(os.fstat(descriptor).st_size, LARGEST))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    try:
        state = quickjson.loads(content.decode("utf-8"))
    except ValueError:
        return None
    return state if isinstance(state, dict) else None


def write(path: str, state: State) -> None:
    """Replace the state at `path`, readable by its owner only.

    Raises `OSError`; then the old state is still there.
    """
    content = (quickjson.dumps(state, indent=2) + "\n").encode("ascii")
    # Markers and notices, written here too, have more than one writer.
    temporary = f"{path}.{os.getpid()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(temporary, flags, 0o600)
    try:
        try:
            if os.write(descriptor, content) < len(content):
                raise OSError(errno.ENOSPC, "no space left for the state")
        finally:
            os.close(descriptor)
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def is_ours(state: State) -> bool:
    """Whether a daemon of this program wrote it; the Go CLI's have no run id."""
    return isinstance(state.get("run_id"), str)


def timestamp(seconds: float | None = None) -> str:
    """A moment (seconds since the epoch; now if None) as RFC 3339 in UTC with microseconds."""
    moment = time.time() if seconds is None else seconds
    whole = int(moment)
    fraction = int((moment - whole) * 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{fraction:06d}Z"
