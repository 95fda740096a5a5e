"""kill -9 at named system calls of a working daemon: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integration.faults.kill_points import KillPoint, killed_at
from integration.session import Session, process_exists
from integration.waiting import until

CALLS = {
    "pwrite64": 12,  # the database's pages
    "fdatasync": 6,  # before and after it commits
    "write": 8,  # the state, the log
    "rename": 3,  # the new state in the old one's place
    "flock": 8,  # between the daemons of a store
    "openat": 20,
    "unlink": 3,  # the last act
    "execve": 1,  # one image becomes the other
}
"""The calls, each with the last time that the sweep considers."""
EACH = 3
SEED = 5

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="strace traces on Linux only"
)


@pytest.mark.parametrize("call", CALLS)
def test_a_kill_inside_a_system_call_loses_and_doubles_nothing(
    new_session: Callable[..., Session], tmp_path: Path, call: str
) -> None:
    times = random.Random(f"{SEED} {call}").choices(range(1, CALLS[call] + 1), k=EACH)
    points = [KillPoint(call, time) for time in times]
    with ThreadPoolExecutor(EACH) as pool:
        attempts = [
            pool.submit(kill_and_go_on, point, new_session(), tmp_path / f"strace-{number}")
            for number, point in enumerate(points)
        ]
        fired = sum(attempt.result() for attempt in attempts)
    print(f"{call}: {EACH} injected, {fired} observed")
    assert fired, f"no daemon came to {points}"


def kill_and_go_on(point: KillPoint, session: Session, report: Path) -> bool:
    """A session that is synced, ended, and resumed; whether its daemon was killed in between."""
    session.environ["CONFAB_REST_AFTER_MS"] = "50" if point.call == "execve" else "60000"
    session.begin()
    if point.call == "execve":
        session.until_phase("resting")
    pid = session.daemon_pid
    with killed_at(point, pid, report) as witness:
        session.write(lines=50)
        session.write_subagent("abcdef", b'{"n":1}\n' * 20)
        session.end()
        until(lambda: not process_exists(pid), "the daemon left, or was killed")
        fired = witness.has_fired
    session.start(source="resume")
    session.write(lines=2)
    session.end()
    session.until_gone()
    session.assert_archived()
    return fired
