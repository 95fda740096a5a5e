"""Ending the real daemons that a test has started."""

from __future__ import annotations

import fcntl
import os
import signal
from typing import TYPE_CHECKING

from confab_sync.presence import lock
from confab_sync.presence import state as states
from confab_sync.process import Identity, send_signal, this_platform

if TYPE_CHECKING:
    from confab_sync.paths import SessionPaths


def daemon_of(paths: SessionPaths) -> Identity:
    """The process that the state names as the session's daemon."""
    state = states.read(paths.state)
    assert state is not None
    identity = Identity.from_json(state["daemon"])
    assert identity is not None
    assert identity.pid == state["pid"]
    return identity


def end_daemon(paths: SessionPaths) -> None:
    """Kill the session's daemon, if there is one, and wait until it has gone."""
    try:
        if not lock.is_held(paths.lock):
            return
    except OSError:  # what a test has put there is no lock, and nobody's
        return
    if states.read(paths.state) is not None:  # else it is leaving just now
        send_signal(this_platform(), daemon_of(paths), signal.SIGKILL)
    wait_until_free(paths)


def wait_until_free(paths: SessionPaths) -> None:
    """Sleep until nobody holds the session's lock: its daemon, not our child, has ended."""
    try:
        descriptor = os.open(paths.lock, os.O_RDWR)
    except FileNotFoundError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.close(descriptor)
