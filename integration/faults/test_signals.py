"""A signal that arrives in any phase of a daemon's life loses no line."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.faults.standstill import pending_signals, standstill
from integration.session import Session, process_exists
from integration.waiting import until

PHASES = ("starting", "waiting", "syncing", "resting", "stopping")
ATTEMPTS = 60
ORDERLY = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="/proc shows who stands still and what is pending"
)


@pytest.mark.parametrize("number", ORDERLY, ids=lambda number: number.name)
def test_a_stop_in_every_phase_sends_the_rest_and_leaves_nothing(
    new_session: Callable[..., Session], number: signal.Signals
) -> None:
    def stop(phase: str) -> None:
        session = in_phase(phase, number, new_session)
        session.until_gone()
        session.assert_archived()

    in_all_phases(stop)


def test_a_kill_in_every_phase_is_made_good_by_the_next_hook(
    new_session: Callable[..., Session],
) -> None:
    def kill(phase: str) -> None:
        session = in_phase(phase, signal.SIGKILL, new_session)
        assert session.state is not None, "it had no chance to tidy up"
        killed = session.daemon_pid
        if phase == "stopping":
            other = new_session()
            other.start()
            other.end()
            other.until_gone()
        else:
            session.prompt()
            until(lambda: session.daemon_pid != killed, "it has another daemon, not only a copy")
            session.end()
        session.until_gone()
        session.assert_archived()

    in_all_phases(kill)


def in_all_phases(attempt: Callable[[str], None]) -> None:
    with ThreadPoolExecutor(len(PHASES)) as pool:
        for done in [pool.submit(attempt, phase) for phase in PHASES]:
            done.result()


def in_phase(phase: str, number: signal.Signals, new_session: Callable[..., Session]) -> Session:
    """A session whose daemon got the signal while it was in that phase and had lines to send."""
    for _ in range(ATTEMPTS):
        session = new_session(CONFAB_REST_AFTER_MS="50" if phase == "resting" else "60000")
        bring_to(phase, session)
        pid = session.daemon_pid
        with standstill(pid):
            if (session.state or {}).get("phase") != phase:
                continue  # it was faster, and says so
            session.write(lines=3)
            os.kill(pid, number)
            if number != signal.SIGKILL:
                assert number in pending_signals(pid)
        if number == signal.SIGKILL:
            until(lambda: not process_exists(pid), "the daemon is dead", pause=0.005)  # noqa: B023
        return session
    raise AssertionError(f"no daemon was met in the phase {phase}")


def bring_to(phase: str, session: Session) -> None:
    if phase == "starting":
        session.write()
        session.start()
    elif phase == "waiting":
        session.start()
        session.until_phase("waiting")
    else:
        session.begin()
        if phase == "stopping":
            session.end()
        session.until_phase(phase)
