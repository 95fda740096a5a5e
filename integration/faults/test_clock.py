"""A wall clock that jumps by a year, either way, moves nothing that counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integration.faults.shifted_clock import ShiftedClock
from integration.home import Home
from integration.session import Session
from integration.waiting import until

YEAR = 366 * 86400


@pytest.fixture
def clock(tmp_path: Path) -> ShiftedClock:
    return ShiftedClock.create(tmp_path / "clock")


@pytest.fixture
def shifted(confab: Path, tmp_path: Path, clock: ShiftedClock) -> Iterator[Home]:
    """A home whose hooks and daemons live by that clock."""
    plain = Home.create(tmp_path / "home", confab)
    home = Home(plain.path, plain.executable, inside=clock.inside)
    home.confab("setup", "--no-import")
    yield home
    home.end_processes()


@pytest.fixture
def timed(shifted: Home) -> Iterator[Session]:
    session = Session(shifted)
    yield session
    session.kill_client()


def year_of_the_daemon(session: Session) -> int:
    """The year that the daemon wrote down when it last had something to send."""
    return int(str((session.state or {}).get("last_online_at", "0"))[:4])


def shift_and_see(session: Session, clock: ShiftedClock, seconds: int) -> None:
    """Turn the clock, and wait until the daemon has sent something and says it is that year."""
    clock.shift(seconds)
    year = datetime.fromtimestamp(datetime.now(UTC).timestamp() + seconds, UTC).year
    session.write()
    until(lambda: year_of_the_daemon(session) == year, f"the daemon believes in {year}")


@pytest.mark.parametrize("years", [(1, -1), (-1, 1)], ids=["ahead-then-back", "back-then-ahead"])
def test_a_clock_that_jumps_while_a_daemon_runs_loses_no_line(
    timed: Session, clock: ShiftedClock, years: tuple[int, int]
) -> None:
    timed.begin()
    pid = timed.daemon_pid
    written = 5
    for year in years:
        shift_and_see(timed, clock, year * YEAR)
        written += 5
        timed.until_archived(written)
    assert timed.daemon_pid == pid
    timed.end()
    timed.until_gone()
    timed.assert_archived()
    assert timed.home.status() == []


@pytest.mark.parametrize("years", [1, -1], ids=["ahead", "behind"])
def test_a_session_without_a_known_client_survives_a_wrong_clock(
    timed: Session, clock: ShiftedClock, years: int
) -> None:
    timed.environ["CLAUDE_PID"] = "0"
    clock.shift(years * YEAR)
    timed.start()
    timed.write()
    timed.prompt()
    if years > 0:  # by that clock nobody has written for a year, so the daemon gives up soon
        timed.until_gone()
        timed.assert_archived()
    timed.write()
    timed.prompt()
    until(lambda: is_archived(timed), "a daemon that the prompt started has sent it")
    timed.end()
    timed.until_gone()
    timed.assert_archived()


def is_archived(session: Session) -> bool:
    listed = session.home.confab("session", "list-files", session.id, check=False)
    return listed.returncode == 0 and session.download() == session.local()
