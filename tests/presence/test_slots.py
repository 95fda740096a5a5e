from __future__ import annotations

import fcntl
from contextlib import ExitStack
from pathlib import Path

import pytest

from confab_sync.presence.slots import PATIENCE, Slots
from tests.presence.factories import files_in
from tests.processes import finish, kill, line_of, python

WORKER = """
import sys
from confab_sync.presence.slots import Slots
with Slots(sys.argv[1], int(sys.argv[2])).turn():
    print("working", flush=True)
    sys.stdin.readline()
"""


class Clock:
    """A clock that moves only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def slots(directory: Path, count: int, clock: Clock) -> Slots:
    return Slots(str(directory), count, clock, clock.pause)


def test_as_many_as_there_are_turns_work_without_waiting(tmp_path: Path) -> None:
    workers = [python(WORKER, str(tmp_path), "2") for _ in range(2)]
    assert [line_of(worker) for worker in workers] == ["working"] * 2
    assert files_in(tmp_path) == [".turn-0", ".turn-1"]
    for worker in workers:
        finish(worker)


def test_one_more_waits_but_not_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    with slots(tmp_path, 1, clock).turn():
        assert clock.now == 0
        with slots(tmp_path, 1, clock).turn():
            assert clock.now > PATIENCE


def test_a_turn_is_given_back(tmp_path: Path) -> None:
    clock = Clock()
    first, second = slots(tmp_path, 1, clock), slots(tmp_path, 1, clock)
    for _ in range(3):
        with first.turn():
            pass
        with second.turn():
            pass
    assert clock.now == 0


def test_a_turn_is_given_back_after_a_failure(tmp_path: Path) -> None:
    clock = Clock()
    with pytest.raises(RuntimeError), slots(tmp_path, 1, clock).turn():
        raise RuntimeError
    with slots(tmp_path, 1, clock).turn():
        assert clock.now == 0


def test_the_turn_of_a_killed_worker_is_free(tmp_path: Path) -> None:
    worker = python(WORKER, str(tmp_path), "1")
    assert line_of(worker) == "working"
    kill(worker)
    clock = Clock()
    with slots(tmp_path, 1, clock).turn():
        assert clock.now == 0


def test_who_waits_takes_whichever_turn_comes_free(tmp_path: Path) -> None:
    with ExitStack() as stack, ExitStack() as second:
        clock = Clock()
        stack.enter_context(slots(tmp_path, 2, clock).turn())
        second.enter_context(slots(tmp_path, 2, clock).turn())

        def second_ends(seconds: float) -> None:
            second.close()
            clock.pause(seconds)

        with Slots(str(tmp_path), 2, clock, second_ends).turn():
            assert 0 < clock.now < PATIENCE


def test_where_turns_cannot_be_taken_work_goes_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    clock = Clock()
    worked = []
    with slots(tmp_path / "file" / "below", 1, clock).turn():
        worked.append("unwritable")

    def no_locks(_descriptor: int, _kind: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with slots(tmp_path, 1, clock).turn():
        worked.append("unlockable")
    assert (worked, clock.now) == (["unwritable", "unlockable"], 0)


def test_there_is_always_one_turn(tmp_path: Path) -> None:
    with slots(tmp_path, 0, Clock()).turn():
        assert files_in(tmp_path) == [".turn-0"]
