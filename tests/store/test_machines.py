"""Each machine has its last picture, however long ago that was, and only its owner sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.store.store import Store
from confab_sync.store.values import SessionInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HALF_A_DAY = timedelta(hours=12)


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(str(tmp_path / "store.db"), clock=clock) as found:
        yield found


def opened(store: Store, name: str, hostname: str | None, user: int = 1) -> str:
    info = SessionInfo("claude-code", name, "/t", hostname=hostname, username="ann")
    return store.sessions_of(user).open(info).session_id


def test_silent_machine_keeps_its_last_picture(store: Store, clock: Clock) -> None:
    opened(store, "long ago", "laptop")
    clock.now += timedelta(days=1)
    opened(store, "last", "laptop")
    clock.now += timedelta(days=300)
    opened(store, "now", "desk")
    opened(store, "nameless", None)
    found = store.sessions_of(1).latest_by_machine(HALF_A_DAY, 5)
    assert {
        machine.hostname: ([session.external_id for session in sessions], machine.sessions)
        for machine, sessions in found
    } == {"": (["nameless"], 1), "desk": (["now"], 1), "laptop": (["last"], 2)}
    assert found[-1][0].hostname == "laptop"
    assert found[-1][0].last_sync_at == clock.now - timedelta(days=300)


def test_no_more_than_asked_and_the_newest(store: Store, clock: Clock) -> None:
    for name in "abc":
        opened(store, name, "desk")
        clock.now += timedelta(minutes=1)
    ((_, sessions),) = store.sessions_of(1).latest_by_machine(HALF_A_DAY, 2)
    assert [session.external_id for session in sessions] == ["c", "b"]


def test_ends_are_the_last_ones_and_ones_own(store: Store, clock: Clock) -> None:
    other = store.accounts.add_user("b@c.d").id
    mine, going, theirs = (
        opened(store, "a", "x"),
        opened(store, "b", "x"),
        opened(store, "c", "x", other),
    )
    for user, session in ((1, mine), (1, mine), (other, theirs)):
        clock.now += timedelta(minutes=1)
        store.sessions_of(user).add_event(session, "session_end", clock.now, None)
    ended = store.sessions_of(1).ends([mine, going, theirs])
    assert ended == {mine: clock.now - timedelta(minutes=1)}
    assert store.sessions_of(1).latest_by_machine(HALF_A_DAY, 9)[0][0].sessions == 2
